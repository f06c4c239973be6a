"""What is started from an environment, as the modules that it begins with."""

from __future__ import annotations

MODULES = (
    "mlflow.cli",
    "mlflow.server.fastapi_app",
    "mlflow.store.db.utils",
    "mlflow.store.tracking.sqlalchemy_store",
    "prefect.cli",
    "prefect.flow_engine",
    "prefect.main",
    "prefect.runner",
    "prefect.server.api.server",
    "prefect.server.database.orm_models",
    "prefect.task_engine",
    "prefect.workers.process",
    "alembic.command",
    "asyncpg",
    "pandas",
    "psycopg2",
    "sklearn.linear_model",
)
"""What MLflow's server, Prefect's server and its worker import; a course may lack some."""
