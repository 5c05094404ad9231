"""Carries reading aloud out: keeps what is said in its order, and the speaker busy or silent."""

import asyncio
from collections.abc import Callable, Iterable

from config.access import Keys
from config.texts import Catalogue, Channel, Text, sentence, text
from drivers.errors import DeviceError
from drivers.ports import Clock, Said, Speaker
from drivers.ports.speech import LOUDEST, QUIETEST, USUAL
from drivers.service import reading
from drivers.service.reading import Pointed, Reading, Step
from drivers.service.spoken import Utterance, by_digits
from drivers.service.view import Action, Screen, Strip, Weight

REPEAT, STOP, GO_ON = "speech.repeat", "speech.stop", "speech.go_on"
MOST_WAITING = 60
"""Utterances; beyond them the oldest is not worth hearing any more."""


class Aloud:
    """One voice and the keys that lead it. Everything on the core's loop.

    Args:
        speaker: None where a station has no voice: keys, large text and patience are offered all the same.
        press: an action was chosen by keys.
        begin: reading aloud was asked for.
        changed: what it adds to the screen is another now.
    """

    def __init__(
        self,
        speaker: Speaker | None,
        *,
        catalogue: Catalogue,
        keys: Keys,
        clock: Clock,
        press: Callable[[str], None],
        begin: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._speaker = speaker
        self._catalogue = catalogue
        self._jobs = {name: job for job, names in keys.jobs().items() for name in names}
        self._again_s = keys.again_s
        self._clock = clock
        self._press = press
        self._begin = begin
        self._changed = changed
        self._reading = Reading()
        self._screen: Screen | None = None
        self._waiting: list[Utterance] = []
        self._heard: list[Utterance] = []
        """What has been said since somebody last did something: this is what is said again."""
        self._page: list[Utterance] = []
        """What came with the screen and has not been heard to its end: what silence leaves to be gone on with."""
        self._step = USUAL
        self._now: Utterance | None = None
        self._speaking = False
        self._more = asyncio.Event()
        self._silencing: asyncio.Task[None] | None = None
        self._silences = 0
        """Rises with each silence, so that what was taken up just before is not said after it."""
        self._last_key = ("", float("-inf"))
        self.ready = False
        """The speaker can be used."""

    async def serve(self, ready: Callable[[], None]) -> None:
        """Keep the speaker open until its wire fails."""
        speaker = self._speaker
        if speaker is None:
            return
        try:
            await speaker.open()
            self.ready = True
            ready()
            await speaker.serve()
        finally:
            self.ready = False
            await speaker.close()

    # --- what happens

    def shown(self, screen: Screen) -> None:
        """A screen stands."""
        self._screen = screen
        was_on = self._reading.on
        after, step = reading.came(self._reading, screen)
        if step.hush:
            self._page.clear()
        of = {one.of for one in step.say}
        self._page = [old for old in self._page if old.of not in of or old.of == reading.HINT]
        self._page += step.say
        self._take(after, step)
        if was_on and not screen.aloud:
            self._heard.clear()
            self._now = None
            self._loud(USUAL)
            if self._speaker is not None:  # which also makes it forget the last words
                self._speaker.listen(privately=self._reading.headset)

    def key(self, name: str) -> bool:
        """A key of the keypad, by its name in config.access. False if it has no job."""
        job = self._jobs.get(name)
        if job is None or self._screen is None:
            return False
        now = self._clock.monotonic()
        (last, at), self._last_key = self._last_key, (name, now)
        if name == last and now - at < self._again_s:
            return True
        if job in {"headset_in", "headset_out"}:
            into = job == "headset_in"
            if self._speaker is not None:
                self._speaker.listen(privately=into)
            self._loud(USUAL)
            self._take(*reading.plugged(self._reading, into=into))
        elif job in {"louder", "quieter"} and self._screen.aloud:
            self._louder(1 if job == "louder" else -1)
        elif job == "stop" and self._left() and not self._speaking:
            self._go_on()
        else:
            self._take(*reading.key(self._reading, self._screen, job))
        return True

    def touched(self) -> None:
        """A finger on the screen."""
        if self._reading.on:
            self._take(*reading.touched(self._reading))

    def pressed(self, action: str) -> bool:
        """Whether the action was one of the strip, and so is done."""
        if action not in {REPEAT, STOP, GO_ON}:
            return False
        left = self._left()
        self._hush()
        if action == REPEAT:
            self._say_again()
        elif action == GO_ON and left:
            self._go_on()
        return True

    def tell(self, breaths: Iterable[tuple[Text, ...]]) -> None:
        """Read something that stands on no screen, such as a receipt: into a headset, and to nobody else."""
        self._hush()
        self._heard.clear()
        if not self._reading.headset:
            self._queue(Utterance(reading.HINT, (text("speech.receipt.headset"),)))
            return
        told = [Utterance(f"told.{n}", texts, private=True) for n, texts in enumerate(breaths)]
        self._page = list(told)
        for one in told:
            self._queue(one)

    def pointed(self) -> Pointed:
        """What it adds to the screen now."""
        if self._speaker is None or not self._reading.on or not self.ready:
            return Pointed(self._reading.focused, headset=self._reading.headset)
        words = self._now.texts if self._now is not None else ()
        actions = (
            Action(REPEAT, text("speech.repeat"), Weight.SECONDARY, "replay"),
            Action(GO_ON, text("speech.go_on"), Weight.SECONDARY, "arrow_forward")
            if self._left()
            else Action(STOP, text("speech.stop"), Weight.SECONDARY, "stop"),
        )
        strip = Strip(words, actions, self._speaking)
        return Pointed(self._reading.focused, strip, self._reading.headset)

    # --- saying it

    async def run(self) -> None:
        """Say what waits, one after the other, until cancelled."""
        while True:
            self._more.clear()
            while self._waiting:
                await self._say(self._waiting.pop(0))
            await self._more.wait()

    async def close(self) -> None:
        """Silence for good."""
        silencing = self._silencing
        if silencing is not None:
            await asyncio.gather(silencing, return_exceptions=True)

    async def _say(self, one: Utterance) -> None:
        speaker, screen = self._speaker, self._screen
        if speaker is None or screen is None or not self.ready:
            return
        silences = self._silences
        if self._silencing is not None:
            await asyncio.gather(self._silencing, return_exceptions=True)
        if silences != self._silences:
            return
        language = one.language or screen.language
        self._now, self._speaking = one, True
        self._heard.append(one)
        self._changed()
        try:
            said = await speaker.say(
                self._words(one.texts, language), language, private=one.private, interrupt=False
            )
        except DeviceError:
            self._waiting.clear()  # the supervisor hears of it from the speaker's own service
        else:
            if said is not Said.STOPPED and one in self._page:
                self._page.remove(one)
        self._speaking = False
        self._changed()

    def _words(self, texts: tuple[Text, ...], language: str) -> str:
        said = (self._catalogue.say(words, language, Channel.SPEECH).strip() for words in texts)
        return by_digits(sentence(said))

    # --- pieces

    def _take(self, after: Reading, step: Step) -> None:
        before, self._reading = self._reading, after
        if step.hush:
            self._hush()
            if step.say:
                self._heard.clear()
        for one in step.say:
            self._queue(one)
        if step.repeat:
            self._say_again()
        if step.begin:
            self._begin()
        if step.press:
            self._press(step.press)
        if before.focused != after.focused:
            self._changed()

    def _queue(self, one: Utterance) -> None:
        """Newer words about the same thing stand in for those that wait."""
        self._waiting = [
            old for old in self._waiting if old.of != one.of or old.of == reading.HINT
        ][-MOST_WAITING:]
        self._waiting.append(one)
        self._more.set()

    def _say_again(self) -> None:
        again, self._heard = self._heard, []
        for one in again:
            if self._reading.headset or not one.private:
                self._waiting.append(one)
        self._more.set()

    def _left(self) -> list[Utterance]:
        """What of the screen silence has kept back."""
        busy = {id(one) for one in (*self._waiting, self._now if self._speaking else None)}
        return [one for one in self._page if id(one) not in busy]

    def _go_on(self) -> None:
        """Where silence came in, from the beginning of that sentence."""
        self._waiting += self._left()
        self._more.set()

    def _louder(self, by: int) -> None:
        """One step, told at that loudness; then what was being read goes on."""
        reading_on = self._speaking and self._now in self._page
        self._hush()
        self._loud(max(QUIETEST, min(LOUDEST, self._step + by)))
        here, all_ = self._step - QUIETEST + 1, LOUDEST - QUIETEST + 1
        self._queue(Utterance(reading.HINT, (text("spoken.volume", n=here, m=all_),)))
        if reading_on:
            self._speaking = False
            self._go_on()

    def _loud(self, step: int) -> None:
        self._step = step
        if self._speaker is not None:
            self._speaker.loud(step)

    def _hush(self) -> None:
        self._silences += 1
        self._waiting.clear()
        if self._speaker is not None and self._speaking:
            self._silencing = asyncio.get_running_loop().create_task(self._speaker.stop())
