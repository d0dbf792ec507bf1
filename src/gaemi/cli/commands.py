"""The commands of accounts, of the country, of the law, and of this installation."""

from pathlib import Path
from typing import Annotated

import typer

from gaemi.cli.common import (
    Address,
    BalancesOf,
    Checkpoint,
    Days,
    Json,
    On,
    Out,
    Prices,
    Resume,
    Scale,
    Seed,
    Shards,
    ShockText,
    State,
    Threads,
    WorkersOf,
    app,
    compare_app,
    print_json,
    progress_bar,
    read_date,
    read_scale,
    result_console,
    run_and_answer,
)


@app.command()
def account(
    file: Annotated[
        Path | None, typer.Argument(help="Account file: YAML, JSON or CSV (examples/accounts).", metavar="[FILE]")
    ] = None,
    holding: Annotated[
        list[str] | None,
        typer.Option(
            "--holding", help='A holding: "005930 1000 @ 71000"; @ is today\'s price, "cost 65000" what it cost.'
        ),
    ] = None,
    loan: Annotated[
        list[str] | None, typer.Option("--loan", help='A loan: "45m", "45m on 005930", "pledged 20m on 000660".')
    ] = None,
    cash: Annotated[str | None, typer.Option("--cash", help="Won in the account: 5m, 5,000,000, 5백만.")] = None,
    goal: Annotated[str | None, typer.Option("--goal", help="What it is to become: 600m, 6억.", metavar="WON")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="The date of the goal; one year unless said.", metavar="DATE")
    ] = None,
    saving: Annotated[str | None, typer.Option("--saving", help="Put in each month.", metavar="WON")] = None,
    firm: Annotated[
        str | None, typer.Option("--firm", help="Your broker or its class; the strictest rule unless said.")
    ] = None,
    drift: Annotated[str | None, typer.Option("--drift", help="Your own guess of the return a year: 8%.")] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", help='A change, same luck: "add 10m", "sell 005930 300", "loan -20m".'),
    ] = None,
    more_years: Annotated[int, typer.Option("--more-years", help="Beside the loan: so many more years without.")] = 3,
    more_saving: Annotated[str, typer.Option("--more-saving", help="And so many won more a month without.")] = "1m",
    model: Annotated[str, typer.Option("--model", help="gbm, or history or garch with --prices.")] = "gbm",
    paths: Annotated[int, typer.Option("--paths", help="Price paths.")] = 20_000,
    years: Annotated[int, typer.Option("--years", help="Years of history that models are fitted on.")] = 10,
    prices: Prices = None,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            help="covid-2020, terra-2022 ..., or prices with --on: the account day by day.",
            metavar="EPISODE|SOURCE",
        ),
    ] = None,
    sell_at: Annotated[
        str | None,
        typer.Option("--sell-at", help="Sell the coins of a replay then, Korean time.", metavar='"DATE HH:MM"'),
    ] = None,
    days: Annotated[int | None, typer.Option("--days", help="Sessions of a replay of one's own prices.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="Date of the prices; their last one unless said.", metavar="DATE")
    ] = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """How far one account is from a call, a forced sale, zero; on which morning; and the odds of its goal.

    Nothing leaves this machine. No advice: no leverage is marked as best.

    Examples: gaemi account examples/accounts/borrowed.yaml; gaemi account --holding "005930 1000 @ 71000" --loan 45m
    --goal 600m --by 2030-12-31; gaemi account FILE --what-if "loan -20m"; gaemi account FILE --replay covid-2020;
    gaemi account --holding "KRW-BTC 0.5 @ 160m"; gaemi account examples/luna.yaml --replay terra-2022
    """
    from gaemi.account.request import Request
    from gaemi.account.view import account as run_account

    request = Request(
        file=file,
        holding=tuple(holding or ()),
        loan=tuple(loan or ()),
        cash=cash,
        goal=goal,
        by=by,
        saving=saving,
        firm=firm,
        drift=drift,
        what_if=tuple(what_if or ()),
        more_years=more_years,
        more_saving=more_saving,
        model=model,
        paths=paths,
        years=years,
        prices=prices,
        replay=replay,
        sell_at=sell_at,
        days=days,
        on=read_date(on),
        seed=seed,
        threads=threads,
    )
    run_and_answer(lambda report: run_account(request, report), "print_account", as_json, out)


@app.command()
def country(
    on: On = None,
    state: State = None,
    shock: ShockText = None,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            help="covid-2020, june-2022, cfd-2023, terra-2022, oct-2025, or a file or folder of prices.",
            metavar="EPISODE|SOURCE",
        ),
    ] = None,
    scale: Scale = "1",
    days: Days = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help="Forced sales do not move prices.")] = False,
    prices: Prices = None,
    balances: BalancesOf = None,
    coins: Annotated[
        bool, typer.Option("--coins", help="Accounts at won exchanges too; a shock that names a coin asks for them.")
    ] = False,
    seed: Seed = 0,
    threads: Threads = None,
    workers: WorkersOf = "local",
    address: Address = None,
    shards: Shards = None,
    resume: Resume = None,
    checkpoint: Checkpoint = 60.0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Stress Korea's stock investors, one row a person, and its accounts at won exchanges.

    Without options: the shipped state of 31 October 2025 and the fragility curve, KOSPI shocks of 0 to -40 % with and
    without the price feedback of forced sales. With --shock one shock, with --replay a recorded episode, with --state a
    state of your own; on other dates, and in episodes, ages and ratios of loans follow a rule (simple). Episodes of
    coins (terra-2022, oct-2025) run on daily figures that ship, or on bars within the day with --prices.

    Examples: gaemi country --scale 1/100; gaemi country --shock "-20%"; gaemi country --replay covid-2020; gaemi
    country --shock "BTC -30%, premium +5%"; gaemi country --replay terra-2022; gaemi country --state runs/state; gaemi
    country --resume runs/long (stop it, say the same again); gaemi country --workers ray
    """
    from gaemi.country import country as run_country
    from gaemi.scene import Request

    request = Request(
        on=read_date(on),
        state=state,
        shock=shock,
        replay=replay,
        scale=read_scale(scale),
        days=days,
        feedback=False if no_feedback else None,
        seed=seed,
        prices=prices,
        balances=balances,
        coins=coins,
        threads=threads,
        workers=workers,
        address=address,
        shards=shards,
        resume=resume,
        checkpoint=checkpoint,
    )
    run_and_answer(lambda report: run_country(request, report), "print_country", as_json, out)


@compare_app.command("country")
def compare_country(
    reform: Annotated[Path, typer.Option("--reform", help="Reform file (YAML), a sparse dated patch.", metavar="FILE")],
    shock: ShockText = None,
    scale: Scale = "1",
    days: Days = None,
    on: On = None,
    state: State = None,
    coins: Annotated[
        bool, typer.Option("--coins", help="Accounts at won exchanges too; a shock that names a coin asks for them.")
    ] = False,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """The country under today's law and under a reform: who is helped, who is hurt, and by how much.

    Where the reform bars borrowing, displacement of 0, 0.5 and 1 (the share of it that moves to stock loans and
    foreign funds) is always shown side by side. The shock is -30 % unless said. With coins, exchange accounts and their
    loans stand under both laws too.

    Examples: gaemi compare country --reform examples/reforms/maintenance_150.yaml --scale 1/100; gaemi compare country
    --coins --reform examples/reforms/coin_loans_again.yaml --shock "BTC -20%" --scale 1/100
    """
    from gaemi.compare import compare_country as run_compare
    from gaemi.scene import Request

    request = Request(
        on=read_date(on),
        state=state,
        shock=shock,
        scale=read_scale(scale),
        days=days,
        coins=coins,
        seed=seed,
        threads=threads,
    )
    run_and_answer(lambda report: run_compare(request, reform, report), "print_compare", as_json, out)


@app.command()
def law(
    path: Annotated[str | None, typer.Argument(help="Parameter, as margin.maintenance.", metavar="[PATH]")] = None,
    on: On = None,
    changes: Annotated[bool, typer.Option("--changes", help="Every dated change of the law.")] = False,
    day: Annotated[bool, typer.Option("--day", help="The steps of one day, from the code.")] = False,
    as_json: Json = False,
) -> None:
    """What the law says: value, unit, source, confidence, range, since when, next change.

    Examples: gaemi law margin.maintenance --on 2024-08-05; gaemi law --changes; gaemi law --day; gaemi law
    """
    from gaemi.lawview import law_document

    document = law_document(path, read_date(on), changes, day)
    if as_json:
        print_json(document)
    else:
        from gaemi.answers import tables

        tables.print_law(document, result_console())


@app.command()
def check(
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Check this installation: the same bits on 1 and 2 threads, an exact audit, known answers. Takes seconds."""
    from gaemi.check import check as run_check

    report, bar = progress_bar()
    with bar:
        document = run_check(seed, report)
    if as_json:
        print_json(document)
    else:
        from gaemi.answers import tables

        tables.print_check(document, result_console())
    if not document["passed"]:
        raise typer.Exit(1)


@app.command()
def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="A hundredth of the country, to see that it runs; nothing is judged.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", help="One part: scale, day, odds, book, state, coins, terra, venue, processes.", metavar="PART"
        ),
    ] = None,
    repeats: Annotated[int | None, typer.Option("--repeats", help="How often each is timed.", metavar="N")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="JSON to write; bench/results/latest.json unless said.", metavar="FILE")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="After a full run: rewrite the figures of docs/scale.md.", metavar="FILE"),
    ] = None,
) -> None:
    """Measure this machine: a day of the country beside the memory's own limit and beside other ways of doing the same.

    The part scale takes a day apart: milliseconds, GB/s, and the share of the speed of a plain read that each pass over
    the accounts reaches; 250 days, Ray beside threads, bytes by column. Targets reached and missed are printed; a miss
    is no error. Needs a checkout; all of it takes about half an hour. docs/scale.md says what the figures mean.

    Examples: gaemi bench --quick; gaemi bench --only scale; gaemi bench --only scale --repeats 9 --out today.json;
    gaemi bench --only scale --page docs/scale.md
    """
    from gaemi.bench import bench as run_bench
    from gaemi.bench import passed_on

    raise typer.Exit(run_bench(quick, passed_on(only=only, repeats=repeats, out=out, page=page)))
