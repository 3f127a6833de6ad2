"""README's picture of TensorBoard: TensorBoard itself over the event files that `train --report-to tensorboard` wrote.

Needs tensorboard 2.21, playwright 1.5x and a Chromium.
Run: python tensorboard_screenshot.py ../../lora_model/runs tensorboard.png
"""

import subprocess
import sys

from playwright.sync_api import sync_playwright

PORT = "6098"


def main():
    board = subprocess.Popen(["tensorboard", "--logdir", sys.argv[1], "--port", PORT], stderr=subprocess.PIPE, text=True)
    try:
        while "at http" not in board.stderr.readline():
            pass
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1240, "height": 1060})
            page.goto(f"http://localhost:{PORT}/?darkMode=false#timeseries")
            page.wait_for_timeout(8000)
            page.locator("scalar-card-component").first.wait_for()
            smoothing = page.locator(".scalars-smoothing input[type=number], .smoothing input[type=number], input.slider-input[type=number]").first
            smoothing.fill("0")
            smoothing.press("Enter")
            page.wait_for_timeout(1000)
            page.locator("button", has_text="Settings").last.click()
            page.locator("metrics-tag-filter input, tb-filter-input input").last.fill("loss|accuracy|grad_norm|learning_rate")
            page.keyboard.press("Escape")
            page.wait_for_timeout(4000)
            page.screenshot(path=sys.argv[2])
            browser.close()
    finally:
        board.terminate()


if __name__ == "__main__":
    main()
