"""The words of the field: value types, enums, state tables, ports, errors and the clock. Standard library only."""
