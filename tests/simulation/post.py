"""The way to the simulated mail server in virtual time: smtplib blocks, so here its conversation is played by steps."""

from drivers.errors import Code, DeviceRefused, DeviceUnavailable
from drivers.notify.message import composed, envelope
from drivers.ports import Delivery, Letter
from hw_sim.mail.server import MailServer
from hw_sim.mail.session import Reply, Session, Then

SENDER = "kvittering@odense.example"


class Post:
    """`ports.Notifier` straight into the simulated server's sessions, over a line that is taken for encrypted."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self.tries = 0

    async def check(self) -> None:
        self._begun()

    async def close(self) -> None:
        """Nothing is held."""

    async def send(self, letter: Letter) -> Delivery:
        self.tries += 1
        session = self._begun()
        session.feed(f"MAIL FROM:<{SENDER}>".encode())
        said = session.feed(f"RCPT TO:<{envelope(letter.to)}>".encode())
        if not said.data.startswith(b"2"):
            return Delivery.LATER if said.data.startswith(b"4") else Delivery.NO_SUCH_ADDRESS
        session.feed(b"DATA")
        data = composed(letter, sender=SENDER, sender_name="Borgernes Hus")
        for line in data.split(b"\r\n")[:-1]:
            if session.feed(b"." + line if line.startswith(b".") else line).then is Then.CUT:
                return Delivery.UNKNOWN
        said = session.feed(b".")
        if said.then is Then.CUT:
            return Delivery.UNKNOWN
        if said.data.startswith(b"2"):
            return Delivery.ACCEPTED
        return Delivery.LATER if said.data.startswith(b"4") else Delivery.REFUSED

    def _begun(self) -> Session:
        faults = self._server.faults()
        if "silent" in faults:
            raise DeviceUnavailable("mail", Code.WIRE_SILENT)
        if "no_starttls" in faults:
            raise DeviceRefused("mail", Code.MAIL_NO_TLS)
        session = self._server.session()
        if not _good(session.greeting()):
            raise DeviceRefused("mail", Code.MAIL_REFUSED)
        session.tls_started()
        session.feed(b"EHLO kiosk")
        session.feed(b"AUTH LOGIN")
        session.feed(b"a2lvc2s=")
        if not _good(session.feed(b"bm90LWEtc2VjcmV0")):
            raise DeviceRefused("mail", Code.MAIL_LOGIN)
        return session


def _good(reply: Reply) -> bool:
    return reply.data.startswith(b"2")
