"""README's picture of the page. Needs playwright 1.5x and /usr/bin/chromium.
Run, with a server on PORT: python3 screenshot.py http://127.0.0.1:PORT page.png"""

import sys

from playwright.sync_api import expect, sync_playwright

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
    browser.close()
