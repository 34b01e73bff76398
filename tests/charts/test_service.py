"""Charts on demand, with the real drawing process: when it starts and ends, what it can access, and failures."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.app.client import COGS
from bot.charts.process import DrawingProcess, DrawingProcessFailed
from bot.charts.service import ChartFailed, Charts, ChartsBusy
from tests.charts.some_charts import CHARTS, fleet_chart, token_chart
from tests.patience import GENEROUS

ROOT = Path(__file__).parent.parent.parent
# Starting the process takes half a second: one is shared by all tests that do not change it.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
PNG = b"\x89PNG"
SECRET = "a made-up secret"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def charts() -> AsyncIterator[Charts]:
    """Start charts in an environment that has secrets."""
    async with Charts(max_wait_seconds=GENEROUS) as charts:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("DISCORD_TOKEN", "IMAGINEPRO_API_KEY", "DATABASE_URL", "SOMETHING_NEW"):
                patch.setenv(name, SECRET)
            await charts.draw(token_chart(1))
        yield charts


async def process_of(charts: Charts) -> psutil.Process:
    """Draw a chart and return the process that drew it."""
    await charts.draw(token_chart(1))
    return psutil.Process(charts.process_id)


async def gone(process: psutil.Process) -> None:
    """Wait until the process has ended; a zombie counts."""
    await until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


async def started(charts: Charts) -> psutil.Process:
    """Wait until a process has been started for a pending chart."""
    await until(lambda: charts.process_id is not None)
    return psutil.Process(charts.process_id)


async def until(predicate: Callable[[], bool]) -> None:
    """Poll the state of another process, which sends no notification."""
    async with asyncio.timeout(GENEROUS):
        while not predicate():  # noqa: ASYNC110 - a process sets no event of ours
            await asyncio.sleep(0.001)


async def test_no_process_runs_before_the_first_chart() -> None:
    async with Charts(max_wait_seconds=GENEROUS) as charts:
        assert charts.process_id is None


@pytest.mark.smoke
async def test_charts_of_both_kinds_are_pngs(charts: Charts) -> None:
    for chart in (CHARTS["a week"], CHARTS["a fleet"]):
        assert (await charts.draw(chart)).startswith(PNG)


async def test_one_process_draws_one_chart_after_the_other(charts: Charts) -> None:
    process = await process_of(charts)
    for days in (2, 3):
        await charts.draw(token_chart(days))

    assert charts.process_id == process.pid


async def test_a_chart_of_a_month_of_minutes_is_drawn(charts: Charts) -> None:
    month = token_chart(30, points=tuple(token_chart(30).points * 100))

    assert (await charts.draw(month)).startswith(PNG)


async def test_concurrent_equal_charts_are_drawn_once(charts: Charts) -> None:
    one, other = await asyncio.gather(charts.draw(token_chart(4)), charts.draw(token_chart(4)))

    assert one is other


async def test_a_later_equal_chart_comes_from_the_cache(charts: Charts) -> None:
    assert await charts.draw(token_chart(5)) is await charts.draw(token_chart(5))


async def test_a_different_chart_is_drawn_separately(charts: Charts) -> None:
    assert await charts.draw(fleet_chart(5)) != await charts.draw(token_chart(5))


async def test_drawing_does_not_block_the_bot(charts: Charts) -> None:
    drawing = asyncio.create_task(charts.draw(token_chart(6)))
    turns = 0
    while not drawing.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 20


async def test_the_process_has_no_secrets(charts: Charts) -> None:
    assert SECRET not in (await process_of(charts)).environ().values()


async def test_the_process_has_a_lower_priority(charts: Charts) -> None:
    assert (await process_of(charts)).nice() == min(psutil.Process().nice() + 5, 19)


async def test_ctrl_c_does_not_reach_the_process(charts: Charts) -> None:
    process = await process_of(charts)

    assert os.getsid(process.pid) != os.getsid(0)
    assert os.getpgid(process.pid) != os.getpgid(0)


async def test_the_working_directorys_files_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "bot", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "matplotlibrc").write_text("figure.dpi: 7\nno.such.setting: 1")
    monkeypatch.chdir(tmp_path)
    with capture_logs() as lines:
        async with Charts(max_wait_seconds=GENEROUS) as charts:
            assert (await charts.draw(token_chart(1))).startswith(PNG)

    assert [line for line in lines if line["log_level"] == "warning"] == []


async def test_no_files_are_left_at_home_or_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    async with Charts(max_wait_seconds=GENEROUS) as charts:
        await charts.draw(token_chart(1))

    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 - nothing waits for it


async def test_an_idle_process_ends() -> None:
    async with Charts(idle_seconds=0, max_wait_seconds=GENEROUS) as charts:
        drawing = asyncio.create_task(charts.draw(token_chart(1)))
        process = await started(charts)
        await drawing

        await gone(process)


async def test_a_chart_in_time_keeps_the_process_running() -> None:
    async with Charts(idle_seconds=2, max_wait_seconds=GENEROUS) as charts:
        process = await process_of(charts)
        # The next chart is requested in time, and takes longer than the process may be idle.
        process.suspend()
        drawing = asyncio.create_task(charts.draw(token_chart(2)))
        await asyncio.sleep(3)
        process.resume()
        await drawing

        assert charts.process_id == process.pid


async def test_a_process_that_died_while_idle_is_replaced_without_a_failed_chart() -> None:
    async with Charts(max_wait_seconds=GENEROUS) as charts:
        process = await process_of(charts)
        process.kill()

        assert (await charts.draw(token_chart(2))).startswith(PNG)
        assert charts.process_id != process.pid


async def test_a_process_that_dies_on_each_attempt_fails_only_that_chart() -> None:
    async with Charts(max_wait_seconds=GENEROUS) as charts:
        drawing = asyncio.create_task(charts.draw(token_chart(1)))
        (await started(charts)).kill()
        with pytest.raises(ChartFailed):
            await drawing

        assert (await charts.draw(token_chart(1))).startswith(PNG)


async def test_a_process_that_takes_too_long_is_killed() -> None:
    async with Charts(max_wait_seconds=3) as charts:
        drawing = asyncio.create_task(charts.draw(token_chart(1)))
        process = await started(charts)
        process.suspend()
        with pytest.raises(ChartFailed, match="too long"):
            await drawing

        assert charts.process_id is None
        await gone(process)


async def test_closing_is_quick_even_if_the_process_hangs() -> None:
    charts = Charts(max_wait_seconds=GENEROUS)
    process = await process_of(charts)
    process.suspend()
    waiting = [asyncio.create_task(charts.draw(token_chart(days))) for days in (2, 3, 4)]
    for _ in range(10):  # the first gets as far as the process
        await asyncio.sleep(0)
    # A caller that waited for the process would wait forever.
    async with asyncio.timeout(GENEROUS):
        await charts.close()

    await gone(process)
    assert [type(error) for error in await asyncio.gather(*waiting, return_exceptions=True)] == [ChartFailed] * 3


async def test_after_closing_no_process_is_started() -> None:
    charts = Charts(max_wait_seconds=GENEROUS)
    await charts.close()
    with pytest.raises(ChartFailed):
        await charts.draw(token_chart(1))

    assert charts.process_id is None


async def test_closing_twice_is_safe(charts: Charts) -> None:
    other = Charts(max_wait_seconds=GENEROUS)
    await other.close()
    await other.close()

    assert (await charts.draw(token_chart(1))).startswith(PNG)


async def test_a_cancelled_request_affects_neither_other_waiters_nor_the_next_chart(charts: Charts) -> None:
    one, other = (asyncio.create_task(charts.draw(token_chart(9))) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()

    assert (await other).startswith(PNG)
    assert (await charts.draw(token_chart(10))).startswith(PNG)


async def test_the_number_of_waiting_charts_is_limited() -> None:
    async with Charts(max_waiting=2, max_wait_seconds=GENEROUS) as charts:
        drawing = [charts.draw(token_chart(days)) for days in (1, 2, 3, 4)]
        *first, last = await asyncio.gather(*drawing, return_exceptions=True)

        assert isinstance(last, ChartsBusy)
        assert all(isinstance(picture, bytes) for picture in first)
        assert (await charts.draw(token_chart(4))).startswith(PNG)


async def test_any_number_may_wait_for_the_same_chart(charts: Charts) -> None:
    pictures = await asyncio.gather(*(charts.draw(token_chart(11)) for _ in range(100)))

    assert len(set(pictures)) == 1


BOT = f"""
import asyncio
from bot.charts.service import Charts
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from tests.charts.some_charts import token_chart

async def main():
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, ())
    charts = Charts(max_wait_seconds={GENEROUS})
    await charts.draw(token_chart(1))
    print(charts.process_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_process_ends_when_the_bot_is_killed() -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    assert bot.stdout is not None
    process = psutil.Process(int(await bot.stdout.readline()))
    bot.send_signal(signal.SIGKILL)
    await bot.wait()

    await gone(process)


LOADED = f"""
import importlib, sys
for name in ("bot.__main__", "bot.charts.service", *{COGS!r}):
    importlib.import_module(name)
print(sorted({{"matplotlib", "numpy", "PIL"}} & set(sys.modules)))
"""


@pytest.mark.smoke
async def test_the_bot_does_not_load_matplotlib() -> None:
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", LOADED, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await bot.communicate()

    assert (said, bot.returncode) == (b"[]\n", 0)


@asynccontextmanager
async def process_that(does: str) -> AsyncIterator[DrawingProcess]:
    """Run a process that does something other than drawing."""
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(sys.executable, "-c", does, stdin=pipe, stdout=pipe, stderr=pipe)
    process = DrawingProcess(running)
    try:
        yield process
    finally:
        await process.end()


@pytest.mark.parametrize(
    "rubbish",
    ["b'rubbish, and much of it'", "(7).to_bytes(4, 'big') + b'rubbish'", "b'\\0\\0'", "b'\\xff' * 100_000", "b''"],
    ids=["a great length", "no picture", "half a length", "much", "nothing"],
)
async def test_invalid_output_is_not_a_picture(rubbish: str) -> None:
    async with process_that(f"import sys; sys.stdout.buffer.write({rubbish})") as process:
        with pytest.raises(DrawingProcessFailed):
            await process.draw(b"{}")


async def test_stderr_is_logged_up_to_a_limit() -> None:
    with capture_logs() as lines:
        async with process_that("import sys; [print('line', n, file=sys.stderr) for n in range(1000)]") as process:
            with pytest.raises(DrawingProcessFailed):
                await process.draw(b"{}")

    said = [line["line"] for line in lines if line["log_level"] == "warning"]
    assert said == [f"line {number}" for number in range(60)]


async def test_an_unreadable_chart_ends_the_process_and_logs_a_reason() -> None:
    with capture_logs() as lines:
        process = await DrawingProcess.start()
        with pytest.raises(DrawingProcessFailed):
            await process.draw(b'{"kind": "pie"}')
        await process.end()

    assert any("pie" in str(line.get("line")) for line in lines)
