"""What every module stands on: pools, the transaction, tenancy, migrations. It knows no freight."""
