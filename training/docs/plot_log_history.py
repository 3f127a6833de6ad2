"""Draws README's picture: loss and accuracy of a training from its trainer_state.json, as an SVG.

Run: python plot_log_history.py ../../lora_model/trainer_state.json > log_history.svg
Only the standard library (Python 3.11).
"""

import json
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 340, 60, 60, 44, 52


def main():
    history = json.load(open(sys.argv[1]))["log_history"]
    train = [(row["step"], row["loss"]) for row in history if "loss" in row]
    loss = [(row["step"], row["eval_loss"]) for row in history if "eval_loss" in row]
    accuracy = [(row["step"], row["eval_accuracy"]) for row in history if "eval_accuracy" in row]
    last = max(step for step, _ in train + loss)
    top = 0.1 * (int(max(value for _, value in train + loss) * 10) + 1)

    def x(step):
        return LEFT + (WIDTH - LEFT - RIGHT) * step / last

    def y(share):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    def line(points, scale, colour, dash=""):
        path = " ".join(f"{x(step):.1f},{y(value / scale):.1f}" for step, value in points)
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'

    def text(px, py, words, anchor="middle", colour="#57606a"):
        return f'<text x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for i in range(6):
        share = i / 5
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="#d8dee4"/>')
        out.append(text(LEFT - 8, y(share) + 4, f"{top * share:.2f}", "end"))
        out.append(text(WIDTH - RIGHT + 8, y(share) + 4, f"{100 * share:.0f} %", "start"))
        out.append(text(x(last * share), HEIGHT - BOTTOM + 18, f"{last * share:.0f}"))
    out += [
        line(train, top, "#0969da"),
        line(loss, top, "#bc4c00", "6 4"),
        line(accuracy, 1, "#1a7f37", "2 3"),
        text(WIDTH / 2, HEIGHT - 12, "optimizer step"),
        text(LEFT, 26, "training loss", "start", "#0969da"),
        text(LEFT + 130, 26, "validation loss (dashed)", "start", "#bc4c00"),
        text(WIDTH - RIGHT, 26, "validation accuracy (dotted, right axis)", "end", "#1a7f37"),
        "</svg>",
    ]
    print("\n".join(out))


main()
