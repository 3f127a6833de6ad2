"""README's picture of the page and its animation. Needs playwright 1.65, pillow and /usr/bin/chromium.
Run, with a server on PORT: python3 screenshot.py http://127.0.0.1:PORT page.png page.gif"""

import io
import sys

from PIL import Image
from playwright.sync_api import expect, sync_playwright

FRAME = 120  # milliseconds


def animation(browser, url, path):
    """A message is typed, answered, then three are pasted, then the page speaks Chinese."""
    page = browser.new_context(locale="en-GB", viewport={"width": 720, "height": 620}).new_page()
    page.goto(url)
    frames, times = [], []

    def frame(milliseconds=FRAME):
        frames.append(Image.open(io.BytesIO(page.screenshot())).convert("P", palette=Image.Palette.ADAPTIVE, colors=64))
        times.append(milliseconds)

    def answered(count):
        page.locator("#text").press("Enter")
        expect(page.locator("#log > li.answer:not(:has(progress))")).to_have_count(count)
        page.wait_for_timeout(300)
        frame(2500)

    frame(1000)
    message = "Hi mum, dropped my phone, this is my new number. Can you send 480 for the rent today?"
    for end in range(6, len(message) + 6, 6):
        page.locator("#text").fill(message[:end])
        frame()
    answered(1)
    page.locator("#text").fill("Did you get the parcel? I left it with the neighbours")
    frame(700)
    answered(2)
    page.locator("#text").fill("I'll be home by six, shall I cook?\nURGENT! Your account is locked, verify at "
                               "http://bank.example\nHappy birthday!! See you on Saturday")
    frame(900)
    answered(3)
    page.get_by_role("button", name="中文").click()
    page.wait_for_timeout(300)
    frame(2500)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)


with sync_playwright() as p:
    browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_context(locale="en-GB", viewport={"width": 860, "height": 860}).new_page()
    page.goto(sys.argv[1])
    answers = page.locator("#log > li.answer:not(:has(progress))")
    for i, sample in enumerate((0, 1)):
        page.locator("#samples button").nth(sample).click()
        expect(answers).to_have_count(i + 1)
    page.locator("#text").fill("I'll be home by six, shall I cook?\nURGENT! Your account is locked, verify at "
                               "http://bank.example\nHappy birthday!! See you on Saturday")
    page.locator("#text").press("Enter")
    expect(answers).to_have_count(3)
    page.wait_for_timeout(500)
    page.screenshot(path=sys.argv[2])
    animation(browser, sys.argv[1], sys.argv[3])
    browser.close()
