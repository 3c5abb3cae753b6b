"""A recording as a Log Analytics workspace: `.kql` queries run over it, on DuckDB.

A query is given what Azure gives a scheduled one: the rows of its window, up to the moment of the evaluation, which
`now()` and `ago()` are told of as well.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import duckdb_kql

from tests.telemetry.rows import Row, Tables

COLUMNS = {
    "AppTraces": {"TimeGenerated": "datetime", "Message": "string", "SeverityLevel": "int", "_BilledSize": "real"},
    "AppExceptions": {"TimeGenerated": "datetime", "ExceptionType": "string", "_BilledSize": "real"},
    "AppRequests": {
        "TimeGenerated": "datetime",
        "Name": "string",
        "Success": "bool",
        "ResultCode": "string",
        "DurationMs": "real",
        "_BilledSize": "real",
    },
    "AppDependencies": {
        "TimeGenerated": "datetime",
        "Name": "string",
        "Success": "bool",
        "DurationMs": "real",
        "_BilledSize": "real",
    },
    "AppMetrics": {
        "TimeGenerated": "datetime",
        "Name": "string",
        "Sum": "real",
        "ItemCount": "int",
        "Properties": "dynamic",
        "_BilledSize": "real",
    },
}
"""What the queries may use of each table, with the types that Azure Monitor documents."""
_TYPES = {
    "datetime": "TIMESTAMP",
    "string": "VARCHAR",
    "real": "DOUBLE",
    "int": "INTEGER",
    "bool": "BOOLEAN",
    "dynamic": "JSON",
}


class Workspace:
    """The rows of a recording, to be asked."""

    def __init__(self, tables: Tables) -> None:
        self.ended = max(row["TimeGenerated"] for rows in tables.values() for row in rows)
        self._database = duckdb_kql.connect()
        for table, columns in COLUMNS.items():
            of_types = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in columns.items())
            self._database.execute(f"CREATE TABLE All{table} ({of_types})")
            values = [[_value(row.get(column)) for column in columns] for row in tables[table]]
            if values:
                places = ", ".join("?" * len(columns))
                self._database.executemany(f"INSERT INTO All{table} VALUES ({places})", values)

    def ask(self, query: str, window: timedelta, later: timedelta = timedelta()) -> list[Row]:
        """The rows that a query answers with, at the moment of the last row, or `later`."""
        now = self.ended + later
        for table in COLUMNS:
            self._database.execute(
                f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM All{table} WHERE TimeGenerated BETWEEN ? AND ?",
                [_value(now - window), _value(now)],
            )
        answer = duckdb_kql.kql(self._database, query, query_now=_value(now))
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def _value(value: Any) -> Any:
    """As DuckDB takes it: times in UTC without a zone, dynamic values as JSON."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return json.dumps(value) if isinstance(value, dict) else value
