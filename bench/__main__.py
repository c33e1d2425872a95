"""`make bench`: the whole product on one machine beside a hand-written baseline, in one run on one server.

Everything is measured over real HTTP against `orderwright run` on an embedded server with durable settings, the client
on the same cores.  Figures are ratios of medians over rounds in turn with the baseline, for machines are noisy.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from bench import drafts, floor, load, pages, report, retail_file
from orderwright.runtime import binaries
from orderwright.runtime.embedded import Server, ensure_database, ensure_running
from orderwright.runtime.folders import default_root
from orderwright.runtime.tcp_ports import first_free

HERE = Path(__file__).parent
PROGRAM = [sys.executable, "-m", "orderwright"]
HOST = "127.0.0.1"
CONNECTIONS = 32
BATCH = 100
BATCH_CONNECTIONS = 4
LISTS = 300
REAL_LINES = 541_909  # of the year that is imported and replayed


class Bench:
    """A shop that runs, its database, and a key to its API."""

    def __init__(self, folder: Path, seconds: float, rounds: int) -> None:
        self.folder, self.seconds, self.rounds = folder, seconds, rounds
        self.environment = {**os.environ, "ORDERWRIGHT_DATA": str(folder)}
        self.environment.pop("DATABASE_URL", None)
        self.seed = int(time.time())
        self.acknowledged = 0
        self.figures: dict[str, object] = {}
        self.server: Server = ensure_running(folder)
        self.host, self.port = HOST, first_free(8700, HOST)
        self.key = ""

    def command(self, *words: str) -> str:
        """Run the program and answer what it printed."""
        done = subprocess.run([*PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"orderwright {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def sql(self, statement: str, database: str = "orderwright") -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.url_of(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def script(self, name: str, database: str = "orderwright") -> None:
        psql = binaries.wheel_bin() / "psql"
        subprocess.run(
            [psql, "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", HERE / name, self.server.url_of(database)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    @contextmanager
    def running(self) -> Iterator[int]:
        """The whole shop runs meanwhile; brings the supervisor's process id."""
        environment = {**self.environment, "ORDERWRIGHT_PORT": str(self.port), "ORDERWRIGHT_CARRIERS": floor.CARRIERS}
        shop = subprocess.Popen([*PROGRAM, "run", "--no-demo"], env=environment, stdout=subprocess.DEVNULL)
        try:
            self._until_ready(shop)
            yield shop.pid
        finally:
            shop.terminate()
            shop.wait(60)
            self.server = ensure_running(self.folder)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The web process runs meanwhile, and no worker, which would write a million letters."""
        environment = {**self.environment, "ORDERWRIGHT_PORT": str(self.port), "DATABASE_URL": self.server.url}
        web = subprocess.Popen([*PROGRAM, "serve"], env=environment, stdout=subprocess.DEVNULL)
        try:
            self._until_ready(web)
            yield
        finally:
            web.terminate()
            web.wait(60)

    def _until_ready(self, shop: "subprocess.Popen[bytes]") -> None:
        for _ in range(600):
            if shop.poll() is not None:
                raise SystemExit("orderwright run ended")
            try:
                ready = load.run(HOST, self.port, iter([load.request("GET", "/readyz", "")]), connections=1, seconds=0)
                if ready.statuses[200]:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit("orderwright run was not ready in a minute")

    def baseline(self) -> float:
        """Orders a second of the baseline: the better of 8 and of 16 connections."""
        pgbench = binaries.wheel_bin() / "pgbench"
        best = 0.0
        for connections in (8, 16):
            said = subprocess.run(
                [pgbench, "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T", str(int(self.seconds)),
                 "-f", HERE / "spread.pgb", self.server.url_of("baseline")],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            best = max(best, float(said.split("tps = ")[1].split()[0]))
        return best

    def place(self, *, hot: bool = False) -> load.Measured:
        self.seed += 1
        requests = drafts.single_requests(self.key, self.seed, hot=hot)
        measured = load.run(HOST, self.port, requests, connections=CONNECTIONS, seconds=self.seconds)
        return self.counted(measured, measured.statuses[201])

    def place_batches(self) -> float:
        self.seed += 1
        requests = drafts.batch_requests(self.key, self.seed, BATCH)
        measured = load.run(HOST, self.port, requests, connections=BATCH_CONNECTIONS, seconds=self.seconds)
        self.counted(measured, measured.statuses[200] * BATCH)
        return measured.per_second * BATCH

    def counted(self, measured: load.Measured, acknowledged: int) -> load.Measured:
        if set(measured.statuses) - {200, 201}:
            raise SystemExit(f"unexpected answers: {dict(measured.statuses)} {measured.odd}")
        self.acknowledged += acknowledged
        return measured

    def lists(self) -> float:
        """95th percentile over both lists, in milliseconds, one request at a time."""
        paths = []
        for number in range(LISTS // 2):
            paths.append(f"/v1/orders?status={('ready', 'unpaid')[number % 2]}&limit=50")
            paths.append(f"/v1/orders?email=m{number * 613 % 100000}@example.com&limit=50")
        requests = [load.request("GET", path, self.key) for path in paths]
        measured = load.run(
            HOST, self.port, iter([*requests, requests[0]]), connections=1, seconds=600, most=len(paths)
        )
        if set(measured.statuses) != {200}:
            raise SystemExit(f"unexpected answers: {dict(measured.statuses)} {measured.odd}")
        return measured.percentile_ms(95)


def rss_mb(supervisor: int) -> float:
    """Resident memory of all our processes, PostgreSQL aside."""
    parent = psutil.Process(supervisor)
    ours = [parent, *(child for child in parent.children(recursive=True) if not child.name().startswith("postgres"))]
    return sum(process.memory_info().rss for process in ours) / 1e6


def flushes_per_second(folder: Path) -> float:
    """How often a second the disk of `folder` makes a write durable, by PostgreSQL's own measure."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        said = subprocess.run(
            [binaries.wheel_bin() / "pg_test_fsync", "-s", "1", "-f", Path(place) / "flush"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    line = next(line for line in said.splitlines() if line.strip().startswith("fdatasync"))
    return float(line.split()[1])


def measure_placing(bench: Bench) -> None:
    """Spread, hot and in batches, each round in turn with the baseline."""
    rounds: dict[str, list[float]] = {"baseline": [], "http": [], "hot": [], "bulk": [], "p99": []}
    bench.place()  # warm up
    for _ in range(bench.rounds):
        rounds["baseline"].append(bench.baseline())
        spread = bench.place()
        rounds["http"].append(spread.per_second)
        rounds["p99"].append(spread.percentile_ms(99))
        rounds["hot"].append(bench.place(hot=True).per_second)
        rounds["bulk"].append(bench.place_batches())
    middle = {name: statistics.median(values) for name, values in rounds.items()}
    bench.figures |= {
        "baseline_orders_s": middle["baseline"],
        "http_orders_s": middle["http"],
        "http_ratio": middle["http"] / middle["baseline"],
        "http_p99_ms": middle["p99"],
        "hot_ratio": middle["hot"] / middle["http"],
        "bulk_ratio": middle["bulk"] / middle["baseline"],
    }


def measure_growth(bench: Bench) -> None:
    """The same with a million orders there; before and after are measured in one run, one after the other."""
    before = statistics.median(bench.place().per_second for _ in range(bench.rounds))
    bench.script("million.sql")
    bench.place()  # warm up
    after = statistics.median(bench.place().per_second for _ in range(bench.rounds))
    bench.figures["growth_ratio"] = after / before
    bench.lists()  # warm up
    bench.figures["list_p95_ms"] = bench.lists()


def measure_import(bench: Bench, files: list[Path], lines: int) -> None:
    """Lines a second of the whole command, from its start to its end."""
    bench.command("keys", "list")  # the program's own modules are in the disk's cache
    started = time.perf_counter()
    bench.command("import", "orders", *map(str, files), "--channel", "retail", "--format", "online-retail")
    bench.figures["import_lines_s"] = lines / (time.perf_counter() - started)
    bench.figures["import_lines"] = lines


def measure_webhooks(bench: Bench, seconds: float) -> None:
    """Deliveries a second to a fast endpoint beside a dead one; with the shop's own worker stopped."""
    words = [sys.executable, "-m", "bench.webhooks", "--seconds", str(seconds)]
    said = subprocess.run(words, env=bench.environment, capture_output=True, text=True, check=False)
    if said.returncode:
        raise SystemExit(said.stderr)
    bench.figures["webhooks_s"] = float(said.stdout.split()[-1])


def measure_replay(bench: Bench, files: list[Path], lines: int, *, imported: bool) -> None:
    """Minutes for the imported year to be played; of a file that is shorter than the real one, for as many lines."""
    if not imported:
        bench.command("import", "orders", *map(str, files), "--channel", "retail", "--format", "online-retail")
    started = time.perf_counter()
    bench.command("replay", "--channel", "retail", "--speed", "max")
    bench.figures["replay_minutes"] = (time.perf_counter() - started) / 60 * REAL_LINES / lines
    bench.figures["replay_lines"] = lines


def check(bench: Bench) -> None:
    """After all of it: nothing oversold, nothing lost, and a clean audit."""
    ((oversold,),) = bench.sql("SELECT count(*) FROM stock_sheet WHERE available < 0 OR reserved < 0")
    ((there,),) = bench.sql("SELECT count(*) FROM remembered_answer WHERE status = 201")
    started = time.perf_counter()
    bench.command("audit")
    bench.figures |= {
        "oversold": oversold,
        "lost": bench.acknowledged - int(str(there)),
        "audit": "clean",
        "audit_s": time.perf_counter() - started,
    }


def retail(folder: Path, wanted: int, real: list[Path]) -> tuple[list[Path], int]:
    """The file to import: the real one where it lies beside the checkout, else one of the same shape."""
    real = real or sorted(HERE.parent.parent.glob("shared/data/online_retail_*.csv.xz"))
    if real and not wanted:
        return real, REAL_LINES
    path, lines = folder / "retail.csv", wanted or 100_000
    retail_file.write(path, lines)
    return [path], lines


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("--seconds", type=float, default=8, help="of each load")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--no-growth", action="store_true", help="leave the million orders out")
    options.add_argument("--no-import", action="store_true")
    options.add_argument("--no-replay", action="store_true")
    options.add_argument("--year", type=Path, nargs="+", default=[], help="the files of the real year")
    options.add_argument("--import-lines", type=int, default=0, help="import a generated file of so many lines")
    options.add_argument("--data", type=Path, default=default_root().with_name("orderwright-bench"))
    chosen = options.parse_args()
    shutil.rmtree(chosen.data, ignore_errors=True)
    bench = Bench(chosen.data, chosen.seconds, chosen.rounds)
    bench.figures |= {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "flushes_s": flushes_per_second(chosen.data),
    }
    try:
        ensure_database(bench.server, "baseline")
        bench.script("baseline.sql", "baseline")
        bench.command("migrate")
        bench.script("shop.sql")
        said = bench.command("keys", "issue", "bench", "--scope", "all", "--calls-per-minute", "100000000")
        bench.key = next(word for word in said.split() if word.startswith("ow_"))
        with bench.running() as supervisor:
            measure_placing(bench)
            floor.measure(bench)
            files = retail(chosen.data, chosen.import_lines, chosen.year)
            if not chosen.no_import:
                measure_import(bench, *files)
            if not chosen.no_growth:
                measure_growth(bench)
            bench.figures["rss_mb"] = rss_mb(supervisor)
            check(bench)
        measure_webhooks(bench, chosen.seconds)
        if not chosen.no_growth:
            with bench.serving():
                pages.measure(bench)
        if not chosen.no_replay:
            measure_replay(bench, *files, imported=not chosen.no_import)
    finally:
        bench.server.stop()
        shutil.rmtree(chosen.data, ignore_errors=True)
    (HERE / "latest.json").write_text(json.dumps(bench.figures, indent=1) + "\n")
    print(report.table(bench.figures))
    raise SystemExit(report.missed(bench.figures))


if __name__ == "__main__":
    main()
