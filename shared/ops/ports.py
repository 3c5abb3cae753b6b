"""What operators' verbs need: the app's own clients, tables and queues, so that they find what the app finds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.outlook.event import EventOptions
from shared.settings import Settings
from shared.state.ledger import TableLedger
from shared.state.queues import AzurePoison
from shared.sync.mapped import MappingTable
from shared.sync.ports import Chance, ChangeQueue, PersonMonths, Schedules, ShiftEvents

if TYPE_CHECKING:
    from shared.outlook.graph import Graph
    from shared.schedule.lightning_bolt import LightningBolt


@dataclass(frozen=True, slots=True)
class OpsPorts:
    """One App's."""

    settings: Settings
    schedules: Schedules
    """Lightning Bolt with the mappings that count, wherever they are kept."""
    lightning_bolt: "LightningBolt"
    """For its own keys."""
    mappings: MappingTable
    """Our own; what it holds counts where MAPPING_SOURCE is `table`."""
    graph: "Graph"
    """Without the witness: what an operator looks at changes nothing that is known of Graph."""
    person_months: PersonMonths
    shift_events: ShiftEvents
    ledger: TableLedger
    queue: ChangeQueue
    poison: AzurePoison
    options: EventOptions
    chance: Chance
