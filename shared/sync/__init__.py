"""The engine: keeps calendars in step with schedules. Pure of Azure, HTTP, clocks and chance: it is given them."""
