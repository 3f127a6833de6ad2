#!/usr/bin/env python3
"""Drives the page with Debian's Chromium: typing, empty input, an error shown, many lines, files with tables (CSV, semicolons
in Windows-1252, UTF-16, no header, broken rows, long texts, a workbook, one that is too large), the language, a message full of
HTML, reload. Takes screenshots, and fails where the page does not do what it should.

Needs playwright 1.5x and /usr/bin/chromium. Run, with a server on PORT:
  python3 page_check.py http://127.0.0.1:PORT SCREENSHOT_DIR
"""

import pathlib
import sys
import tempfile

from playwright.sync_api import expect, sync_playwright

PRIZE = "You have WON a guaranteed £1000 prize! Call now to claim"


def classified(page, path, content):
    """The lines of the result that the page offers for a file."""
    path.write_bytes(content)
    links = page.get_by_role("link", name="Download the result")
    before = links.count()
    page.locator("#file").set_input_files(path)
    expect(links).to_have_count(before + 1)
    with page.expect_download() as download:
        links.last.click()
    return pathlib.Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()


def check_files(page, d):
    """Files as people have them: what each comes to, and what the page says about how it was read."""
    answers = page.locator("#log > li.answer")
    notes = answers.last.locator("p.quiet")
    out = classified(page, d / "inbox.csv", ('id,text\n' + "".join(f'{i},"Hello, ""you"" number {i}"\n' for i in range(80))).encode())
    assert out[0] == "id,text,predicted_label,score" and len(out) == 81, out[:2]
    assert out[1].startswith('0,"Hello, ""you"" number 0",')
    expect(notes).to_have_count(0)

    out = classified(page, d / "spam.csv", "v1;v2;;\r\nspam;\"You have WON a guaranteed £1000 prize; call now to claim\";;\r\nham;café at 8?;;\r\n".encode("windows-1252"))
    assert out[0] == "v1,v2,,,predicted_label,score" and out[2].startswith("ham,café at 8?,,,ham,"), out
    assert out[1].startswith("spam,You have WON a guaranteed £1000 prize; call now to claim,,,spam,"), out
    expect(notes).to_have_text(["Read as Windows-1252, since it is not UTF-8."])

    out = classified(page, d / "unicode.txt", "id\ttext\r\n1\t你好 see you\r\n".encode("utf-16"))
    assert out[0] == "id,text,predicted_label,score" and out[1].startswith("1,你好 see you,"), out
    expect(notes).to_have_count(0)

    out = classified(page, d / "headerless.csv", b"ham,see you at 8\nspam,WIN cash now\n")
    assert len(out) == 2 and out[0].startswith("ham,see you at 8,"), out
    out = classified(page, d / "SMSSpamCollection", b'ham\t"ER, see you\nspam\tWIN now\nham\tok "then\n')
    assert len(out) == 3 and out[0].startswith('ham,"""ER, see you",'), out

    out = classified(page, d / "broken.csv", b"id,text\n1,hi\n2\n3,\n4,there\n")
    assert [line.split(",")[0] for line in out] == ["id", "1", "3", "4"] and out[2] == "3,,,", out
    expect(notes).to_have_text(
        ["Broken rows left out: 1 (line 3: expected 2 columns, found 1).", "Rows without a text: 1."])

    long = "see you \U0001f600" * 4000
    out = classified(page, d / "mails.csv", ("text\n" + f"{long}\n" * 12).encode())
    assert len(out) == 13 and out[1].startswith(long), len(out)
    expect(notes).to_have_text(["Texts of which only 20000 characters were read: 12."])

    problems = page.locator("#log > li.problem")
    for name, content, said in [
        ("book.xlsx", b"PK\x03\x04\x14\x00", "expected text, found a zip file, such as an Excel workbook (save it as CSV UTF-8)"),
        ("page.csv", b"<!DOCTYPE html><html>", "found an HTML page"),
        ("pointer.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
        ("other.csv", b"id,body\n1,hi\n", "expected a header with the text column (text, message,"),
        ("empty.csv", b"", "found an empty file"),
        ("blank.csv", b"id,text\n1,\n2\n", "The file has no text to classify. Broken rows left out: 1 (line 3:"),
        ("large.csv", b"text\n" + b"x" * (1 << 20), "The file has more than 1048576 bytes"),
    ]:
        before = problems.count()
        (d / name).write_bytes(content)
        page.locator("#file").set_input_files(d / name)
        expect(problems).to_have_count(before + 1)
        expect(problems.last).to_contain_text(said)


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
            check_files(page, pathlib.Path(d))
        page.screenshot(path=shots / "table.png")

        page.route("**/api/classify", lambda r: r.fulfill(status=500, json={"error": {"code": "x", "message": "a test"}}))
        box.fill("hello")
        box.press("Enter")
        expect(page.locator("#log > li.problem").last).to_contain_text("a test")
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
        expect(page.locator("#log > li.problem").last).to_contain_text("错误信息")
        expect(page.locator("#log > li.answer p.quiet", has_text="文件不是 UTF-8")).to_have_count(1)
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
        expected = [t for t in troubles if "status of 500" not in t and "status of 400" not in t]
        assert not expected, expected
        browser.close()
    print("the page does what it should")


if __name__ == "__main__":
    main()
