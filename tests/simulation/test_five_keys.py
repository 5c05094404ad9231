"""Every flow by five keys and an ear, in virtual time: what was heard is the world's own word."""

from itertools import pairwise

from config.texts import Channel, text
from drivers.service.view import StartBody
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.journeys.five_keys import Listener, pressable
from tests.simulation.rig import ACCESSIBLE, CATALOGUE, Rig, play
from tests.simulation.test_returning import LENT, lend

STACK = ("3846646425", "3846646433", "3846646441")


async def sign_in(rig: Rig, person: Listener, pin: str = "1234") -> None:
    await person.chooses("Lån")
    await person.hears("Scan dit sundhedskort eller lånerkort")
    await rig.scan("1234567890")
    await person.hears("Indtast din pinkode", "Kortet er læst")
    await person.enters(pin)


def test_plugging_a_headset_in_begins_and_says_how_to_go_on() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.hears(
            "Oplæsning er slået til",
            "Læg dine materialer på pladen, eller scan dit kort",
            "A: Pladen",
            "Lån.",
        )
        assert rig.state.large_text
        assert rig.screen.reduced_motion

    play(story, station=ACCESSIBLE)


def test_the_first_key_only_begins() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins(headset=False)
        await person.hears("Oplæsning er slået til")
        assert rig.state.phase is Phase.START
        await rig.key("select")
        await person.hears("Tryk pil ned")
        assert rig.state.phase is Phase.START, "nothing is pressed before something is pointed at"

    play(story, station=ACCESSIBLE)


def test_borrow_undo_and_a_receipt() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await sign_in(rig, person)
        await person.hears("Læg dine materialer på pladen", "Hej Karen")
        await rig.lay(*STACK)
        await person.hears("2 af 3 lånt", "Lykke-Per. Lånt. Afleveres senest 1. december 2026.")
        await person.chooses("Fortryd lån af Lykke-Per")
        await person.hears("Lykke-Per. Fortrudt")
        assert set(await rig.loans()) == {STACK[1]}
        await person.chooses("Print kvittering")
        await person.hears("Husk dine materialer og dit kort", "Tag din kvittering")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and not s.aloud)

    play(story, station=ACCESSIBLE)


def test_a_refused_item_is_said_with_its_reason_and_what_to_do() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await sign_in(rig, person)
        await rig.lay(STACK[2])
        await person.hears("Danmarks historie i 50 kort. Ikke lånt. Reserveret af en anden låner")
        await person.chooses("Uden kvittering")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story, station=ACCESSIBLE)


def test_a_wrong_pin_is_said_and_the_digits_are_counted() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await sign_in(rig, person, "1")
        await person.hears("1 af 4 cifre")
        await person.enters("111")
        await person.hears("Kort eller pinkode er forkert. Prøv igen.")
        await person.enters("1234")
        await person.hears("Læg dine materialer på pladen")

    play(story, station=ACCESSIBLE)


def test_returning_says_where_each_item_goes() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await lend(rig, *LENT)
        await person.begins()
        await person.chooses("Aflevér")
        await person.hears("Læg det, du vil aflevere, på pladen")
        await rig.lay(LENT[0])
        await person.hears("Afleveret", "Kasse 1")
        await person.chooses("Uden kvittering")
        await rig.until(lambda s: s.phase is not Phase.RETURN)

    play(story, station=ACCESSIBLE)


def test_renewing_one_loan_by_its_name() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await lend(rig, *LENT)
        await person.begins()
        await person.chooses("Mine lån")
        await rig.scan("1234567890")
        await person.hears("Indtast din pinkode")
        await person.enters("1234")
        await person.hears("Lykke-Per")
        await person.chooses("Forny alle")
        await person.hears("Fornyet")

    play(story, station=ACCESSIBLE)


def test_the_idle_warning_is_said_and_any_key_gives_a_whole_period() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.chooses("Lån")
        await rig.until(lambda s: s.over is Over.IDLE, 200)
        assert rig.state.idle_left == 90, "three times as long"
        await person.hears("Er du her stadig", "90 sekunder")
        await person.hears("20 sekunder")
        await rig.key("select")
        await rig.until(lambda s: s.over is Over.NOTHING)
        assert rig.state.phase is Phase.CARD
        await rig.until(lambda s: s.over is Over.IDLE, 200)
        await rig.until(lambda s: s.phase is Phase.START, 100)
        await rig.until(lambda s: not s.aloud, 300)

    play(story, station=ACCESSIBLE)


def test_help_and_language() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.chooses("Hjælp")
        await person.hears("Sådan gør du", "Personalet hjælper dig gerne")
        await person.chooses("Luk")
        await person.chooses("English")
        await person.hears("Place your items on the pad")
        row = (await rig.truth())["devices"]["speaker"]["heard"][-1]
        assert row["language"] == "en"
        await person.chooses("Borrow")
        await person.hears("Scan your health card or library card")

    play(story, station=ACCESSIBLE)


def test_say_it_again_and_be_silent_by_key_and_by_name() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await rig.pause(30)
        await rig.key("down")
        await rig.pause(3)
        await person.heard()
        await rig.key("repeat")
        await person.hears("Lån.")
        await rig.key("repeat", "stop")
        await rig.pause(2)
        assert (await rig.truth())["devices"]["speaker"]["speaking"] == ""
        await person.chooses("Gentag")
        await person.hears("Gentag.")
        await person.chooses("Stop")
        assert (await rig.truth())["devices"]["speaker"]["speaking"] == ""

    play(story, station=ACCESSIBLE)


def test_without_a_headset_nothing_private_is_heard() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins(headset=False)
        await person.chooses("Lån")
        await rig.scan("1234567890")
        await person.hears("Sæt hovedtelefoner i")
        await rig.enter_pin()
        await rig.key("stop")
        await rig.lay(*STACK)
        await person.hears("2 af 3 lånt", "Materiale 1. Lånt.", "Reserveret af en anden låner")
        before = len(await rig.heard())
        await rig.key(*["down"] * 14)
        await rig.key("down", "down")
        heard = " ".join(await rig.heard())
        assert len(await rig.heard()) > before
        for secret in ("Lykke", "Rødgrød", "Danmarks historie", "december", "Karen", "1234"):
            assert secret not in heard
        await rig.headset(plugged=True)
        await person.finds("Fortryd lån af Lykke-Per")
        await rig.headset(plugged=False)
        await rig.pause(1)
        assert (await rig.truth())["devices"]["speaker"]["speaking"] == ""

    play(story, station=ACCESSIBLE)


def test_a_digit_is_said_in_the_headset_only() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins(headset=False)
        await rig.scan("1234567890")
        await rig.pause(40)
        await person.heard()
        await rig.key("down", "right", "down", "left")
        await rig.pause(3)
        assert rig.screen.focused == "key.4", "as it lies: 1, 2, 5, 4"
        assert not any(line[0].isdigit() for line in await person.heard())
        await rig.headset(plugged=True)
        await rig.key("right")
        await person.hears("5.")

    play(story, station=ACCESSIBLE)


def test_without_a_voice_keys_and_patience_are_there_and_speech_is_not_offered(
    heard: Heard,
) -> None:
    heard.expect("service.down")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "speaker"})
        await rig.until(lambda s: not s.devices.speaker)
        assert "assist.aloud" not in pressable(rig.screen)
        await rig.key("down", "down")
        assert rig.screen.focused == "borrow"
        assert rig.screen.strip is None
        assert rig.state.patient
        await rig.key("select")
        await rig.until(lambda s: s.phase is Phase.CARD)

    play(story, station=ACCESSIBLE)


def test_no_screen_holds_the_keys_and_they_reach_all_that_can_be_pressed() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        seen: dict[str, list[str]] = {}

        async def look() -> None:
            stops = await person.walks_round()
            name = rig.screen.name
            seen[name] = stops
            keys = {id for id in pressable(rig.screen) if id.startswith("key.")}
            assert pressable(rig.screen) - keys <= set(stops), name
            assert not keys or keys & set(stops), name
            order = [stop for stop in stops if not stop.startswith("row.")]
            assert order == [id for id in rig.screen.focus if id in order], name

        await look()
        await person.chooses("Hjælp")
        await look()
        await person.chooses("Luk")
        await person.chooses("Lån")
        await look()
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await look()
        await person.enters("1234")
        await rig.lay(*STACK)
        await rig.until(lambda s: len(s.counted) == len(STACK) and not s.unsettled)
        await look()
        assert [stop for stop in seen["borrow"] if stop.startswith("row.")]
        await person.chooses("Sprog")
        await look()
        assert set(seen) == {"start", "help", "card", "pin", "borrow", "language"}

    play(story, station=ACCESSIBLE)


def test_silence_before_new_words() -> None:
    """Two utterances never sound together: the one before was heard to its end, or was canceled."""

    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await rig.key(*["down"] * 9)
        await rig.pause(20)
        rows = (await rig.truth())["devices"]["speaker"]["heard"]
        assert all(row["end"] for row in rows)
        for one, other in pairwise(rows):
            assert one["end"] == "canceled" or other["at"] - one["at"] >= len(one["text"]) / 15

    play(story, station=ACCESSIBLE)


def test_what_is_heard_of_a_screen_is_in_its_own_language() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        assert isinstance(rig.screen.body, StartBody)
        offered = [action.id.removeprefix("language.") for action in rig.screen.body.languages]
        assert len(offered) > 1
        for language in reversed(offered):
            await person.chooses(CATALOGUE.say(text(f"language.name_{language}"), language))
            await rig.pause(60)
            said = CATALOGUE.say(rig.screen.title, language, Channel.SPEECH)
            rows = (await rig.truth())["devices"]["speaker"]["heard"]
            titles = [row for row in rows if row["text"].startswith(said)]
            assert titles[-1]["language"] == language

    play(story, station=ACCESSIBLE)


def test_silence_can_be_ended_where_it_came() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.hears("Læg dine materialer på pladen, eller scan dit kort")
        await rig.key("stop")
        await rig.pause(30)
        stopped = await person.heard()
        assert not any("Mine lån" in line for line in stopped)
        await rig.key("stop")
        await person.hears("A: Pladen", "Mine lån.", "Aflevér.")
        await rig.pause(60)
        before = len(await rig.heard())
        await rig.key("stop")
        await rig.pause(5)
        assert len(await rig.heard()) == before, "all was said: there is nothing to go on with"

    play(story, station=ACCESSIBLE)


def test_silence_can_be_ended_by_who_walks_to_it() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.hears("Oplæsning er slået til")
        await person.chooses("Fortsæt")
        await person.hears("Læg dine materialer på pladen, eller scan dit kort", "Aflevér.")

    play(story, station=ACCESSIBLE)


def test_volume_keys_are_said_reach_both_ends_and_the_next_person_hears_the_usual() -> None:
    async def story(rig: Rig) -> None:
        async def last() -> tuple[str, int]:
            row = (await rig.truth())["devices"]["speaker"]["heard"][-1]
            return row["text"], row["volume"]

        async def presses(key: str) -> tuple[str, int]:
            await rig.key(key)
            await rig.pause(0.3)
            return await last()

        person = Listener(rig)
        await person.begins()
        await rig.pause(60)
        assert (await last())[1] == -75, "18 dB under the most that there is"
        assert await presses("louder") == ("Lydstyrke 3 af 5.", -50)
        assert await presses("louder") == ("Lydstyrke 4 af 5.", 0)
        assert await presses("louder") == ("Lydstyrke 5 af 5.", 100)
        assert await presses("louder") == ("Lydstyrke 5 af 5.", 100)
        await person.finds("Lån")
        assert (await last())[1] == 100
        await rig.key(*["quieter"] * 4)
        assert await presses("quieter") == ("Lydstyrke 1 af 5.", -87)
        await rig.key("louder", "louder", "louder")
        await rig.until(lambda s: not s.aloud, 400)
        await person.begins(headset=False)
        await person.hears("Oplæsning er slået til")
        assert (await last())[1] == -75

    play(story, station=ACCESSIBLE)


def test_louder_in_the_middle_of_a_page_goes_on_reading_it() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await person.hears("Læg dine materialer på pladen, eller scan dit kort")
        await rig.key("louder")
        await person.hears("Lydstyrke 3 af 5", "A: Pladen", "Aflevér.")

    play(story, station=ACCESSIBLE)


def test_cues_follow_the_headset() -> None:
    async def story(rig: Rig) -> None:
        seen = [rig.screen.headset]
        for plugged in (True, False):
            await rig.headset(plugged=plugged)
            await rig.pause(0.2)
            seen.append(rig.screen.headset)
        assert seen == [False, True, False]

    play(story, station=ACCESSIBLE)


def test_the_same_key_again_too_soon_is_a_trembling_hand() -> None:
    async def story(rig: Rig) -> None:
        person = Listener(rig)
        await person.begins()
        await rig.key("down", "down", "down")
        first = rig.screen.focused
        await rig.pause(0.6)
        await rig.key("down", "up")
        assert rig.screen.focused == first, "another key is not the same one"

    play(story, station=ACCESSIBLE + "[keys]\nagain_s = 0.5\n")
