"""List prices in US dollars, each with its source and date. What no source gives is open, and not added up."""

from dataclasses import dataclass

INSTANCE_GB = 2.0
"""Memory of an instance. On demand, all of it is billed while at least one function runs on it."""
MINIMUM_SECONDS = 1.0
"""Of each time that an instance is active."""


@dataclass(frozen=True, slots=True)
class Price:
    """One line of the list."""

    what: str
    dollars: float | None
    """None: open."""
    unit: str
    source: str
    date: str

    @property
    def line(self) -> str:
        """For the results."""
        amount = "open" if self.dollars is None else f"${self.dollars:.6f}".rstrip("0")
        return f"{self.what}: {amount} per {self.unit} ({self.source}, {self.date})"

    def of(self, count: float) -> float:
        """What so many cost. Raises ValueError where the price is open."""
        if self.dollars is None:
            raise ValueError(f"{self.what}: no price is known")
        return count * self.dollars


GB_SECOND = Price(
    "Functions, Flex Consumption on demand, computing",
    0.000026,
    "GB-second",
    "modal.com/blog/azure-function-pricing-guide",
    "2025-05-22",
)
EXECUTION = Price(
    "Functions, Flex Consumption on demand, executions",
    0.40 / 1_000_000,
    "execution",
    "modal.com/blog/azure-function-pricing-guide",
    "2025-05-22",
)
TABLE = Price(
    "Table Storage, LRS, any transaction",
    0.00036 / 10_000,
    "transaction",
    "Azure Retail Prices API for Austria East, as quoted in a public infrastructure estimate",
    "2026-07-21",
)
QUEUE = Price("Queue Storage, operations", None, "operation", "sources differ by ten times, none with a date", "–")
LOGS = Price("Azure Monitor, Analytics Logs", 2.30, "GB", "monitoringcost.com/azure-monitor-cost", "2026")
PRICES = (GB_SECOND, EXECUTION, TABLE, QUEUE, LOGS)
