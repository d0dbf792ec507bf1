"""The commands that rebuild where borrowers stand, and that keep score of what was forecast."""

from pathlib import Path
from typing import Annotated

import typer

from gaemi.cli.common import Address, Json, Out, Seed, Shards, Threads, WorkersOf, app, read_date, run_and_answer

PricesOf = Annotated[
    str | None,
    typer.Option(
        "--prices",
        help="File or folder with closes of KOSPI and KOSDAQ, or a named episode: covid-2020.",
        metavar="SOURCE",
    ),
]
Members = Annotated[int, typer.Option("--members", help="Members of the ensemble.", metavar="N")]
Names = Annotated[int, typer.Option("--names", help="Invented stocks a board, spread as recorded stocks are.")]


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip()) if text else ()


@app.command()
def state(
    on: Annotated[
        str | None, typer.Option("--on", help="The close at which loans stand: 2020-01-31.", metavar="DATE")
    ] = None,
    prices: PricesOf = None,
    balances: Annotated[
        str | None,
        typer.Option(
            "--balances",
            help="Published balances, daily or month-ends; the shipped ones unless given.",
            metavar="SOURCE",
        ),
    ] = None,
    stocks: Annotated[
        str | None,
        typer.Option(
            "--stocks", help="Loans on single stocks by day, as a broker's open interface gives them.", metavar="SOURCE"
        ),
    ] = None,
    kospi: Annotated[
        str | None, typer.Option("--kospi", help="Stocks of --stocks on KOSPI: 123456,234567.", metavar="CODES")
    ] = None,
    kosdaq: Annotated[
        str | None, typer.Option("--kosdaq", help="Stocks of --stocks on KOSDAQ.", metavar="CODES")
    ] = None,
    curve: Annotated[
        bool, typer.Option("--curve", help="Also nine shocks on every member: called, sold, unpaid.")
    ] = False,
    members: Members = 50,
    names: Names = 40,
    seed: Seed = 0,
    threads: Threads = None,
    workers: WorkersOf = "local",
    address: Address = None,
    shards: Shards = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Rebuild where margin loans stand: run history, meet every published balance.

    Loans are opened day by day, repaid, called and sold along recorded prices; each published balance is met exactly.
    Out come their ratios, ages and distances to the call by market, with the spread of the ensemble, and a folder from
    which `gaemi country --state DIR` starts.

    gaemi state --on 2020-01-31 --prices prices/ --balances balances.csv --out state-2020

    gaemi country --state state-2020 --prices prices/ --balances balances.csv --replay covid-2020
    """
    from gaemi.state.request import StateRequest
    from gaemi.state.view import state as rebuild

    request = StateRequest(
        on=read_date(on),
        prices=prices,
        balances=balances,
        stocks=stocks,
        kospi=_codes(kospi),
        kosdaq=_codes(kosdaq),
        members=members,
        names=names,
        curve=curve,
        seed=seed,
        threads=threads,
        workers=workers,
        address=address,
        shards=shards,
    )
    run_and_answer(lambda report: rebuild(request, report), "print_state", json, out)


@app.command()
def hindcast(
    first: Annotated[
        str | None, typer.Option("--from", help="The session at whose close the forecast is made.", metavar="DATE")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="The last day forecast, up to 20 sessions later.", metavar="DATE")
    ] = None,
    prices: PricesOf = None,
    balances: Annotated[
        str | None, typer.Option("--balances", help="Published daily balances.", metavar="SOURCE")
    ] = None,
    paths: Annotated[
        int | None,
        typer.Option(
            "--paths", help="Mode B: so many simulated paths; the recorded path (A) unless given.", metavar="N"
        ),
    ] = None,
    model: Annotated[str, typer.Option("--model", help="Of the simulated paths: gbm, history, garch.")] = "garch",
    score: Annotated[bool, typer.Option("--score", help="All starts of 2005 to 2023: the scoreboard.")] = False,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="With --score: rewrite the scoreboard in this Markdown file.", metavar="FILE"),
    ] = None,
    members: Members = 50,
    names: Names = 40,
    seed: Seed = 0,
    threads: Threads = None,
    workers: WorkersOf = "local",
    address: Address = None,
    shards: Shards = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Forecast a past episode from what was known then, beside the record and simple baselines.

    Mode A is given the prices that followed, so that only the loans are forecast; mode B (--paths) simulates them.

    gaemi hindcast --from 2020-03-09 --to 2020-03-31 --prices prices/ --balances balances.csv

    gaemi hindcast --score --prices prices/ --balances balances.csv --out score
    """
    from gaemi.days import parse_date
    from gaemi.hindcast.request import HindcastRequest

    request = HindcastRequest(
        first=None if first is None else parse_date(first, "--from"),
        last=None if last is None else parse_date(last, "--to"),
        prices=prices,
        balances=balances,
        paths=paths,
        model=model,
        score=score,
        members=members,
        names=names,
        seed=seed,
        threads=threads,
        workers=workers,
        address=address,
        shards=shards,
    )
    if not score:
        from gaemi.hindcast.view import hindcast as forecast

        run_and_answer(lambda report: forecast(request, report), "print_hindcast", json, out)
        return
    from gaemi.hindcast.scoring import score as keep_score

    result = run_and_answer(lambda report: keep_score(request, report), "print_score", json, out)
    if page is not None:
        result.write_page(page)
        typer.echo(f"scoreboard: {page}", err=True)
