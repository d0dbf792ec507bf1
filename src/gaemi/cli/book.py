"""The command of a firm's book."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gaemi.cli.common import (
    Address,
    Checkpoint,
    Json,
    Out,
    Prices,
    Resume,
    Seed,
    Shards,
    Threads,
    WorkersOf,
    app,
    progress_bar,
    read_date,
    run_and_answer,
)


@app.command()
def book(
    source: Annotated[
        str | None,
        typer.Argument(
            help="File of holdings, folder with the four tables, URL of an object store or of PostgreSQL; or a folder "
            "with positions.csv of a coin venue, coin_holdings.csv and coin_loans.csv of an exchange.",
            metavar="[SOURCE]",
        ),
    ] = None,
    shock: Annotated[
        str | None,
        typer.Option(
            "--shock",
            help='"KOSPI -20%, KOSDAQ -25%, USDKRW +8% over 3d", "004690 -30% x3 locked fill 2%", "006740 halt 5d"; of '
            'positions and coins "BTC -20%", "ALL -20%", of coins "BTC -30%, premium +5%".',
            metavar="TEXT",
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            help="covid-2020, june-2022, cfd-2023, or recorded prices; of positions and coins terra-2022, oct-2025.",
            metavar="EPISODE|SOURCE",
        ),
    ] = None,
    break_share: Annotated[
        str | None,
        typer.Option(
            "--break",
            help="Smallest common fall at which so much of the loans (or positions) is called, sold, unpaid: 5%.",
            metavar="SHARE",
        ),
    ] = None,
    paths: Annotated[int, typer.Option("--paths", help="Simulated paths for 95 and 99 %; none unless said.")] = 0,
    model: Annotated[str, typer.Option("--model", help="gbm, or history or garch with --prices.")] = "gbm",
    horizon: Annotated[str | None, typer.Option("--horizon", help="Sessions of a path: 10d.", metavar="Nd")] = None,
    years: Annotated[int, typer.Option("--years", help="Years of history that models are fitted on.")] = 10,
    days: Annotated[int | None, typer.Option("--days", help="Sessions of a scenario; 10 unless said.")] = None,
    no_feedback: Annotated[bool, typer.Option("--no-feedback", help="The book's sales do not move prices.")] = False,
    feedback: Annotated[bool, typer.Option("--feedback", help="In a replay: they do, on top of the record.")] = False,
    dispersion: Annotated[
        str, typer.Option("--dispersion", help="Spread of names around their index; the country uses the law's.")
    ] = "0%",
    firm: Annotated[
        str | None, typer.Option("--firm", help="Firm class or broker whose rules hold; the strictest unless said.")
    ] = None,
    capital: Annotated[
        str | None, typer.Option("--capital", help="The firm's own capital, for its credit limit.", metavar="WON")
    ] = None,
    prices: Prices = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", help='Of a database: "holdings=risk.positions".')
    ] = None,
    query: Annotated[list[str] | None, typer.Option("--query", help='Of a database: "loans=SELECT ...".')] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Write every rejected row there (CSV or Parquet).", metavar="FILE")
    ] = None,
    validate: Annotated[
        bool, typer.Option("--validate", help="Only read and check; exit 1 if rows are rejected.")
    ] = False,
    template: Annotated[bool, typer.Option("--template", help="Show the four tables; with --out write them.")] = False,
    example: Annotated[
        int | None, typer.Option("--example", help="Write an invented book of N accounts to --out.", metavar="N")
    ] = None,
    names: Annotated[
        str | None, typer.Option("--names", help="Of --example: concentrate it in these tickers, 004690,003380.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", help="Date of the book; else the last of the prices, or of those shipped.", metavar="DATE"
        ),
    ] = None,
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
    """Which accounts of a firm's book break: tonight, tomorrow at the opening, under a shock, over many paths.

    Rows read are accepted or rejected, and all are counted. Only the table of holdings is needed (account, ticker,
    quantity); accounts, loans and instruments say the rest. Nothing leaves this machine.

    Examples: gaemi book --example 10000 --out DIR; gaemi book DIR; gaemi book DIR --shock "KOSPI -20%" --out RUN;
    gaemi book DIR --break 5%; gaemi book DIR --paths 1000 --horizon 10d; gaemi book DIR --validate --rejects bad.csv;
    gaemi book postgresql://risk@db/risk --table holdings=positions; gaemi book --template; of positions or coins
    gaemi book DIR --shock "BTC -20%"; gaemi book DIR --replay oct-2025; of many gaemi book DIR --shock "-20%" --resume
    RUN (stop it, say the same again); gaemi book DIR --shock "-20%" --workers ray
    """
    _check_together(source, validate, out, no_feedback, feedback, template or example is not None)
    if template or example is not None:
        _make(template, example, names, out, seed, on, prices)
        return
    from gaemi.book.request import Request
    from gaemi.book.view import book as run_book

    request = Request(
        source=source,
        on=read_date(on),
        shock=shock,
        replay=replay,
        break_share=break_share,
        paths=paths,
        model=model,
        horizon=_sessions(horizon),
        years=years,
        days=days,
        feedback=False if no_feedback else True if feedback else None,
        dispersion=dispersion,
        firm=firm,
        capital=capital,
        prices=prices,
        tables=_named("--table", table),
        queries=_named("--query", query),
        rejects=rejects,
        validate=validate,
        seed=seed,
        threads=threads,
        workers=workers,
        address=address,
        shards=shards,
        resume=resume,
        checkpoint=checkpoint,
    )
    printer = "print_validation" if validate else "print_book"
    result = run_and_answer(lambda report: run_book(request, report), printer, as_json, out)
    if validate and not result.document["passed"]:
        raise typer.Exit(1)  # so that a script can stop


def _check_together(
    source: str | None, validate: bool, out: Path | None, no_feedback: bool, feedback: bool, makes: bool
) -> None:
    """Refuse options of which one would be passed over in silence."""
    from gaemi.errors import Fault, Refused

    faults = []
    if validate and out is not None:
        faults.append(Fault("--out", str(out), "cannot stand beside --validate", "give --rejects FILE for its rows"))
    if no_feedback and feedback:
        faults.append(Fault("--feedback", "both", "cannot stand beside --no-feedback", "give one of the two"))
    if makes and source is not None:
        faults.append(Fault("gaemi book", source, "--template and --example read no source", "leave it out"))
    if faults:
        raise Refused(faults)


def _make(
    template: bool, example: int | None, names: str | None, out: Path | None, seed: int, on: str | None, prices: Any
) -> None:
    """Write the template of the tables, or an invented book."""
    from gaemi.errors import refuse

    if template and example is not None:
        raise refuse("--example", str(example), "cannot stand beside --template", "give one of the two")
    if template:
        from gaemi.book.template import template_text, write_template

        if out is None:
            typer.echo(template_text())
        else:
            typer.echo(f"template: {write_template(out)}", err=True)
        return
    if out is None or example is None:
        raise refuse("--example", str(example), "needs a folder to be written", "give --out DIR")
    from gaemi.book.example import write_example

    wanted = tuple(name.strip() for name in (names or "").split(",") if name.strip())
    report, bar = progress_bar()
    with bar:
        folder = write_example(example, out, seed=seed, names=wanted, on=read_date(on), prices=prices, progress=report)
    typer.echo(f"example book of {example:,} accounts: {folder}", err=True)


def _sessions(text: str | None) -> int | None:
    """``10d`` or ``10`` as a number of sessions."""
    from gaemi.errors import refuse

    if text is None:
        return None
    figure = text.strip().lower().removesuffix("d")
    if not figure.isdigit() or len(figure) > 4:
        raise refuse("--horizon", f"'{text}'", "must be a number of sessions", "write 10d")
    return int(figure)


def _named(option: str, told: list[str] | None) -> dict[str, str]:
    """``holdings=risk.positions`` as a pair."""
    from gaemi.errors import refuse

    found: dict[str, str] = {}
    for text in told or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            help = 'write --table "holdings=risk.positions", --query "loans=SELECT account, principal FROM ..."'
            raise refuse(option, f"'{text}'", "must say which table of the book is meant", help)
        found[name.strip()] = value.strip()
    return found
