"""``gaemi serve``: the local site."""

from typing import Annotated

import typer

from gaemi.cli.common import app, read_date

On = Annotated[str | None, typer.Option("--on", help="Date of the book, as `gaemi book` takes it.", metavar="DATE")]


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", help="Port of the site.", metavar="N")] = 8800,
    book: Annotated[
        str | None,
        typer.Option("--book", help="A book to show: a source as `gaemi book` takes it.", metavar="SOURCE"),
    ] = None,
    on: On = None,
    host: Annotated[
        str,
        typer.Option("--host", help="Address to listen on; any but the loopback's demands a token.", metavar="ADDRESS"),
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name under which others ask for this machine.", metavar="NAME"),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", help="What visitors must show; made up unless said.", envvar="GAEMI_TOKEN"),
    ] = None,
) -> None:
    """The three questions as pages in your browser, in Korean and English, on this machine alone.

    My account, a book, the country; a JSON API beneath. Nothing is sent anywhere, and accounts stay in memory. Needs
    the extra: pip install 'gaemi[serve]'.

    Examples: gaemi serve; gaemi serve --book examples/books/evening --on 2025-10-31; gaemi serve --host 0.0.0.0
    --name risk.firm.kr
    """
    from gaemi.errors import refuse

    try:
        from gaemi.web.serving import run_site
    except (ImportError, RuntimeError) as missing:  # FastAPI has no other word for want of python-multipart
        package, help = getattr(missing, "name", "python-multipart"), "pip install 'gaemi[serve]'"
        raise refuse("gaemi serve", f"no package {package}", "needs the extra serve", help) from None
    run_site(port, book, host, tuple(name or ()), token, read_date(on))
