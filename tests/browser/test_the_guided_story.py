"""The guided story, as a newcomer follows it in a browser, with nothing but the page to go by."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from fixtures.cast import ALERTS, ANNA, BEN, LOG, SHARED, SUPPORT

LAST = 7


async def step_is_done(page: Page, number: int) -> None:
    await expect(page.locator(f"#step-{number}")).to_have_class("done")


async def go(page: Page) -> None:
    await page.get_by_role("link", name="Take me there").click()
    await page.wait_for_load_state()


async def look(page: Page, number: int) -> None:
    await page.locator(f"#step-{number}").get_by_role("link", name="See it").click()
    await page.wait_for_load_state()


async def test_a_newcomer_follows_the_seven_steps(page, show):
    composer = page.get_by_label("Write in #acme-and-partner as Dora Demo")
    await composer.fill("Hello! Our export stops at 50 %.")
    await composer.press("Enter")
    await step_is_done(page, 1)
    await expect(composer).to_have_value("")

    await go(page)
    await page.get_by_role("button", name="Take", exact=True).click()
    await step_is_done(page, 2)
    await expect(page.locator("#stream")).to_contain_text("Anna Example has it")
    await expect(page.locator("#stream")).to_contain_text("CASE-0001 is yours.")

    await go(page)
    answer = page.get_by_label("Write in the thread as Anna Example")
    await expect(answer).to_be_focused()
    await answer.press("Enter")
    await expect(page.locator("#side").get_by_role("button", name="Undo")).to_be_visible()
    await step_is_done(page, 3)
    await look(page, 3)
    await expect(page.locator("#side")).to_contain_text("Found it: the nightly job was stuck.")
    await expect(page.locator("#side")).to_contain_text("Anna Example")

    await go(page)
    await page.get_by_label("Write in the thread as Ben Beispiel").press("Enter")
    await step_is_done(page, 4)
    await look(page, 4)
    await expect(page.locator("#stream")).to_contain_text(re.compile(r"Case #CASE-0001 closed at \S+Z by Ben Beispiel"))

    await go(page)
    await page.get_by_label("Subject").fill("Invoice 2026-117")
    await page.get_by_role("button", name="Send").click()
    await step_is_done(page, 5)
    await expect(page.locator("#stream")).to_contain_text("Invoice 2026-117")

    await go(page)
    await page.get_by_label("Write in #acme-and-partner as Faye Fictive").press("Enter")
    await step_is_done(page, 6)
    await look(page, 6)
    await expect(page.locator("#stream")).to_contain_text("Urgent words")

    await page.get_by_role("button", name="+49 hours").click()
    await step_is_done(page, LAST)
    await expect(page.locator("#story")).to_contain_text("That was the story.")
    await expect(page.locator("#stream")).to_contain_text("Silence: waiting for our answer for 49 h")

    assert len(show.workspace.messages(ALERTS)) == 2
    assert len(show.workspace.messages(LOG)) == 1


async def test_every_step_can_be_watched_instead(page):
    for number in range(1, LAST + 1):
        await page.locator(f"#step-{number}").get_by_role("button", name="Do it for me").click()
        await step_is_done(page, number)

    await expect(page.locator("#story")).to_contain_text("7 of 7")


async def test_a_form_of_the_app_opens_takes_what_is_typed_and_can_be_left(page, show, address):
    await show.workspace.write(ANNA, SHARED, "just chatting")
    await page.locator("#step-1").get_by_role("button", name="Do it for me").click()
    await step_is_done(page, 1)
    await go(page)

    await page.get_by_role("button", name="Note", exact=True).click()
    await expect(page.get_by_role("dialog", name="Note on CASE-0001")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.get_by_role("button", name="Note", exact=True).click()
    await page.get_by_role("dialog").get_by_label("Your note").fill("A customer since 2019.")
    await page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("link", name="1 reply").click()
    await expect(page.locator("#side")).to_contain_text("A customer since 2019.")


async def test_commands_home_shortcuts_edits_and_deletions_are_as_in_slack(page, show, address):
    await page.locator("#step-1").get_by_role("button", name="Do it for me").click()
    await step_is_done(page, 1)

    await page.goto(f"{address}?who={ANNA.user_id}&at={SUPPORT.channel_id}")
    composer = page.get_by_label("Write in #support as Anna Example")
    await composer.fill("/case assign 1 @ben")
    await composer.press("Enter")
    await expect(page.locator("#stream")).to_contain_text("only visible to you")
    await expect(page.locator("#stream")).to_contain_text("Ben Beispiel has it")

    await page.get_by_role("link", name="Home of casebook").click()
    await expect(page.locator("#stream")).to_contain_text("1 open")
    await page.get_by_role("button", name="Escalate", exact=True).click()
    await expect(page.locator("#stream")).to_contain_text("1 escalated")

    await page.goto(f"{address}?who={BEN.user_id}&at={SHARED.channel_id}")
    await page.locator(".line .menu summary").first.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Close this case").click()
    await expect(page.get_by_role("dialog", name="Close CASE-0001")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Close it").click()
    await show.workspace.until(lambda: show.workspace.messages(LOG), 15, "the log channel said so")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    own = page.get_by_label("Write in #acme-and-partner as Ben Beispiel")
    await own.fill("a tpyo")
    await own.press("Enter")
    await page.locator(".line", has_text="a tpyo").locator(".menu summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Edit message").click()
    await page.get_by_label("Change what you wrote").fill("a typo")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#stream")).to_contain_text("(edited)")
    await page.locator(".line", has_text="a typo").locator(".menu summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Delete message").click()
    await expect(page.locator("#stream")).not_to_contain_text("a typo")


async def test_what_cannot_be_done_is_said_and_what_was_typed_stays(page):
    composer = page.get_by_label("Write in #acme-and-partner as Dora Demo")
    await composer.fill("/case status")
    await composer.press("Enter")

    await expect(page.get_by_role("status")).to_contain_text("not there for people of other organisations")
    await expect(composer).to_have_value("/case status")


async def test_text_from_a_customer_is_inert_on_the_page_too(page):
    composer = page.get_by_label("Write in #acme-and-partner as Dora Demo")
    await composer.fill("<b id=bold>bold</b> <!channel> <script>document.title = 'taken'</script>")
    await composer.press("Enter")
    await step_is_done(page, 1)
    await go(page)

    await expect(page.locator("#stream")).to_contain_text("<b id=bold>bold</b> <!channel> <script>")
    await expect(page.locator("#bold")).to_have_count(0)
    assert "taken" not in await page.title()


async def test_it_works_from_the_keyboard_alone(page):
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to what you can write")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("Is anybody there?")
    await page.keyboard.press("Enter")
    await step_is_done(page, 1)

    await page.get_by_role("link", name="Take me there").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_load_state()
    await page.get_by_role("button", name="Reply", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_label("Your answer")).to_be_focused()
    await page.keyboard.type("Yes.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await step_is_done(page, 3)


PLACES = {
    "a channel": f"who={ANNA.user_id}&at={SUPPORT.channel_id}",
    "a thread": f"who={ANNA.user_id}&at={SUPPORT.channel_id}&thread={{card}}",
    "the alerts": f"who={ANNA.user_id}&at={ALERTS.channel_id}",
    "the Home": f"who={ANNA.user_id}&at=home",
    "a mail": "who=mia@customer.example.com&at=mail&thread=1",
    "a new mail": "who=mia@customer.example.com&at=mail&thread=new",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_place(page, show, address, scheme):
    await page.emulate_media(color_scheme=scheme)
    for number in (1, 3, 5, 6):
        await page.locator("#step-7, #step-6, #step-5, #step-3, #step-1").first.wait_for()
        await page.evaluate("n => fetch('/do/tell', {method: 'POST', body: new URLSearchParams({step: n})})", number)
    card = show.workspace.messages(SUPPORT)[0].ts
    found = {}

    for name, query in PLACES.items():
        await page.goto(f"{address}?{query.format(card=card)}")
        await page.locator("#stream *").first.wait_for()
        found[name] = await violations(page)
    await page.get_by_text("Write as").first.click()
    found["the people"] = await violations(page)
    await page.goto(f"{address}?who={ANNA.user_id}&at={SUPPORT.channel_id}")
    await page.get_by_role("button", name="Note", exact=True).first.click()
    await page.get_by_role("dialog").wait_for()
    found["a form"] = await violations(page)
    await page.set_viewport_size({"width": 390, "height": 800})
    found["a narrow window"] = await violations(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


async def violations(page: Page) -> list[str]:
    """What axe finds, with the element each time."""
    await page.evaluate("() => Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))")
    results = (await Axe().run(page)).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in results for node in each["nodes"]]
