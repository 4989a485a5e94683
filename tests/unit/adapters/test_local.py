"""A cluster on this machine: what it is made of, apart from the nodes themselves."""

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from soju_actors.adapters.local import plan, postgres, processes
from soju_actors.adapters.local.cluster import LocalCluster, LocalError, Started
from soju_actors.adapters.local.postgres import Postgres, PostgresError
from soju_actors.adapters.local.processes import Process
from soju_actors.config import load_config
from tests.support.ports import free_port

URL = "postgresql://soju@/postgres?host=/tmp/x%20y"
STUBBORN = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def test_the_file_of_a_node_is_a_configuration(tmp_path: Path) -> None:
    """Folders may have whatever characters folders have."""
    folder = tmp_path / 'with "quotes" é'
    folder.mkdir()
    nodes = plan.nodes(4, 6667, 7667)
    (folder / "node.toml").write_text(plan.configuration(nodes[3], nodes, URL, folder / "data", folder / "keys"))
    config = load_config(folder / "node.toml")
    assert (config.data_dir, config.database.url) == (str(folder / "data"), URL)
    assert [listen.uri for listen in config.listen] == ["irc+insecure://127.0.0.1:6670"]
    cluster = config.cluster
    assert (cluster.node, cluster.advertise, cluster.keys) == ("n4", "127.0.0.1:7670", str(folder / "keys"))
    assert cluster.leaders == ("127.0.0.1:7667", "127.0.0.1:7668", "127.0.0.1:7669")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A process that ends by force alone, and has said that it is so far."""
    started = processes.start([sys.executable, "-c", STUBBORN], tmp_path, tmp_path / "log")
    while not (tmp_path / "log").read_text():
        assert not processes.has_ended(started, 0.01)
    yield started
    processes.ask(started, signal.SIGKILL)


def test_a_process_ends_by_force_where_it_does_not_by_itself(process: Process) -> None:
    processes.ask(process, signal.SIGTERM)
    assert processes.is_running(process)
    assert not processes.finish(process, 0.01)
    assert processes.has_ended(process, 10.0)
    assert not processes.is_running(process)
    assert processes.finish(process, 0.0), "it has ended already"


def test_another_process_of_the_same_number_is_left_alone(process: Process) -> None:
    other = replace(process, started="before")
    assert not processes.is_running(other)
    assert processes.has_ended(other, 0.0)
    processes.ask(other, signal.SIGKILL)
    assert not processes.has_ended(process, 0.05)


def test_where_postgresql_is_not_installed_its_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "INSTALLED", tmp_path)
    with pytest.raises(PostgresError, match=r"not installed: apt-get install postgresql, or --database"):
        postgres.find_programs()
    for version in ("9.6", "15", "7"):
        (tmp_path / version / "bin").mkdir(parents=True)
    assert postgres.find_programs() == tmp_path / "15" / "bin"


def test_a_folder_whose_path_is_too_long_for_a_socket_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_programs", lambda: tmp_path)
    with pytest.raises(PostgresError, match="the path is too long for a Unix socket in it"):
        Postgres(tmp_path / ("x" * 100)).start(10)


def test_a_port_that_is_in_use_is_told_before_anything_is_made(tmp_path: Path) -> None:
    cluster = LocalCluster(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        nodes = (plan.Node("n1", port, port),)
        with pytest.raises(
            LocalError, match=f"^port {port} cannot be used: .* in use; --port names the first of others"
        ):
            cluster.prepare(nodes, URL, 0.0)
    with pytest.raises(LocalError, match=r"^port 65536 cannot be used: there is no such port"):
        cluster.prepare((plan.Node("n1", 65536, 1),), URL, 0.0)
    assert list(tmp_path.iterdir()) == []


def test_what_runs_already_is_not_started_again(tmp_path: Path, process: Process) -> None:
    cluster = LocalCluster(tmp_path)
    nodes = plan.nodes(1, 1, 2)
    cluster._save(Started(URL, nodes=nodes, processes={"n1": process}))
    with pytest.raises(LocalError, match=r"there is a cluster up in .*, of 1 nodes: cluster down ends it"):
        cluster.prepare(nodes, URL, 0.0)


def test_a_node_that_ended_is_named_and_no_other_is_started_again(tmp_path: Path, process: Process) -> None:
    cluster = LocalCluster(tmp_path)
    nodes = plan.nodes(2, 1, 3)
    gone = replace(process, started="before")
    cluster._save(Started(URL, gone, nodes=nodes, processes={"n1": process, "n2": gone}))
    with pytest.raises(LocalError, match=r"of 2 nodes, of which n2 ended: cluster start n2 starts that again, cluster"):
        cluster.prepare(nodes, URL, 0.0)
    with pytest.raises(LocalError, match=rf"^node n1 runs, process {process.pid}$"):
        cluster.start_again("n1")
    with pytest.raises(LocalError, match=r"^there is no node n3: there are n1, n2$"):
        cluster.start_again("n3")
    with pytest.raises(LocalError, match=r"^the database has ended, too: cluster down, and cluster up"):
        cluster.start_again("n2")


def test_what_was_not_started_is_not_ended(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"^there is no cluster up in "):
        LocalCluster(tmp_path).down()
    missing = LocalCluster(tmp_path / "missing")
    with pytest.raises(LocalError, match=r"^there is no cluster up in "), missing.alone():
        pass
    assert not missing.folder.exists()


def test_a_file_that_was_edited_is_told(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text("{}")
    with pytest.raises(LocalError, match=r"cluster.json is not as it was written"):
        LocalCluster(tmp_path).read()


def test_a_port_is_not_for_clients_and_for_nodes(tmp_path: Path) -> None:
    one, both, other = free_port(), free_port(), free_port()
    nodes = (plan.Node("n1", one, both), plan.Node("n2", both, other))
    said = rf"^port {both} cannot be used for clients and among nodes: --port and --link-port each name the first of 2$"
    with pytest.raises(LocalError, match=said):
        LocalCluster(tmp_path).prepare(nodes, URL, 0.0)
    assert not list(tmp_path.iterdir())


def test_a_server_whose_start_is_interrupted_is_ended(
    tmp_path: Path, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Ctrl-C, for example: nothing else knows of it yet."""

    def interrupted(_: Postgres) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(postgres, "find_programs", lambda: tmp_path)
    monkeypatch.setattr(Postgres, "_make", lambda *_: None)
    monkeypatch.setattr(processes, "start", lambda *_: process)
    monkeypatch.setattr(Postgres, "answers", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Postgres(tmp_path).start(10)
    assert not processes.is_running(process)
