#!/usr/bin/env python3
"""Drives the page with Debian's Chromium: typing, empty input, an error shown, many lines, a CSV file, the language,
a message full of HTML, reload. Takes screenshots, and fails where the page does not do what it should.

Needs playwright 1.5x and /usr/bin/chromium. Run, with a server on PORT:
  python3 page_check.py http://127.0.0.1:PORT SCREENSHOT_DIR
"""

import pathlib
import sys
import tempfile

from playwright.sync_api import expect, sync_playwright

PRIZE = "You have WON a guaranteed £1000 prize! Call now to claim"


def main():
    url, shots = sys.argv[1], pathlib.Path(sys.argv[2])
    shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(locale="en-GB", viewport={"width": 900, "height": 900}, accept_downloads=True)
        page = context.new_page()
        troubles = []
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("request", lambda r: troubles.append(r.url) if not r.url.startswith((url, "blob:", "data:")) else None)
        page.goto(url)
        box, answers = page.get_by_label("Message", exact=True), page.locator("#log > li.answer")

        box.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Please enter a text to classify")
        box.fill(PRIZE)
        box.press("Enter")
        expect(answers).to_have_count(1)
        expect(answers.first.locator("strong")).to_have_text("Spam")
        expect(answers.first.locator("meter")).to_have_count(1)
        assert answers.first.locator("mark").count() == len(PRIZE.split()), "every word is looked at"

        html = "<img src=x onerror=alert(1)><script>document.title='broken'</script><b>bold</b> & see you"
        box.fill(html)
        page.get_by_role("button", name="Classify").click()
        expect(answers).to_have_count(2)
        expect(page.locator("#log > li.mine").last).to_have_text(html)
        assert page.locator("#log img, #log script, #log b").count() == 0
        assert page.title() == "Spam or not?"
        page.screenshot(path=shots / "chat.png")

        box.fill("See you at 8?\n\nWIN cash now, text YES to 80082\nok\n")
        box.press("Enter")
        expect(answers).to_have_count(3)
        expect(answers.last.locator("tbody tr")).to_have_count(3)

        with tempfile.TemporaryDirectory() as d:
            csv = pathlib.Path(d) / "inbox.csv"
            csv.write_text('id,text\n' + "".join(f'{i},"Hello, ""you"" number {i}"\n' for i in range(80)), encoding="utf8")
            page.locator("#file").set_input_files(csv)
            link = page.get_by_role("link", name="Download the result")
            with page.expect_download() as download:
                link.click()
            out = pathlib.Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
            assert out[0] == "id,text,predicted_label,score" and len(out) == 81, out[:2]
            assert out[1].startswith('0,"Hello, ""you"" number 0",')
            tsv = pathlib.Path(d) / "SMSSpamCollection"
            tsv.write_text('ham\t"ER, see you\nspam\tWIN now\nham\tok "then\n', encoding="utf8")
            page.locator("#file").set_input_files(tsv)
            expect(answers.last.locator("tbody tr")).to_have_count(3)
        page.screenshot(path=shots / "table.png")

        page.route("**/api/classify", lambda r: r.fulfill(status=500, json={"error": {"code": "x", "message": "a test"}}))
        box.fill("hello")
        box.press("Enter")
        expect(page.locator("#log > li.problem")).to_contain_text("a test")
        page.unroute("**/api/classify")

        bubbles = page.locator("#log > li").count()
        page.get_by_role("button", name="中文").click()
        expect(page.get_by_role("button", name="分类")).to_be_visible()
        expect(page.locator("#log > li.answer strong").first).to_have_text("垃圾信息")
        page.reload()
        expect(page.locator("#log > li")).to_have_count(bubbles)
        expect(page.get_by_role("button", name="分类")).to_be_visible()
        page.locator("#text").press("Enter")
        expect(page.get_by_role("alert")).to_have_text("请输入一段文本以进行分类")
        expect(page.locator("#log > li.problem")).to_contain_text("错误信息")
        page.screenshot(path=shots / "chinese.png")
        page.get_by_role("button", name="清空").click()
        expect(page.locator("#log > li")).to_have_count(0)

        page.keyboard.press("Tab")
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="dark")
        page.locator("#samples button").nth(1).click()
        expect(answers).to_have_count(1)
        page.screenshot(path=shots / "phone-dark.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than a phone"
        chinese = browser.new_context(locale="zh-CN").new_page()
        chinese.on("pageerror", lambda e: troubles.append(str(e)))
        # What another version has kept does not break the page, nor a browser that keeps nothing.
        chinese.add_init_script("localStorage.setItem('history', '[null]')")
        chinese.goto(url)
        expect(chinese.get_by_role("button", name="分类")).to_be_visible()
        expect(chinese.locator("#samples button")).to_have_count(4)
        closed = browser.new_context(locale="en-GB").new_page()
        closed.on("pageerror", lambda e: troubles.append(str(e)))
        closed.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('closed'); } })")
        closed.goto(url)
        closed.locator("#samples button").first.click()
        expect(closed.locator("#log > li.answer strong")).to_have_text("Not spam")
        expected = [t for t in troubles if "status of 500" not in t]
        assert not expected, expected
        browser.close()
    print("the page does what it should")


if __name__ == "__main__":
    main()
