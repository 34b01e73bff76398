"""`python -m bot health`: asks the running process whether it is alive. It loads little, since it runs often."""

import http.client

from bot.parsing.addresses import Address
from bot.settings import InvalidSettings, load_metrics_address

_SECONDS = 5
# A server that listens on all addresses is asked on this machine's own.
_OF_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


def health() -> tuple[bool, str]:
    """Return whether the process is alive, and a sentence that says so."""
    try:
        address = load_metrics_address()
    except InvalidSettings as error:
        return False, str(error)
    if address is None:
        return False, "METRICS_LISTEN is not set, so nothing answers. Set it, for example, to 127.0.0.1:9464."
    return ask(address)


def ask(address: Address) -> tuple[bool, str]:
    """Ask `/live`."""
    host = _OF_THIS_MACHINE.get(address.host, address.host)
    connection = http.client.HTTPConnection(host, address.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/live")
        response = connection.getresponse()
        text = response.read(200).decode("utf-8", "replace").strip()
    except TimeoutError:
        return False, f"Fastwatch does not answer on {address} within {_SECONDS} s."
    except (OSError, http.client.HTTPException) as error:
        return False, f"Fastwatch does not answer on {address} ({type(error).__name__})."
    finally:
        connection.close()
    if response.status == http.client.OK:
        return True, "Fastwatch is alive."
    return False, f"Fastwatch is not well: {text}"
