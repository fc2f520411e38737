"""One server for all tests here, one database for each."""

from tests.component.cluster.conftest import cluster_server, dsn

__all__ = ["cluster_server", "dsn"]
