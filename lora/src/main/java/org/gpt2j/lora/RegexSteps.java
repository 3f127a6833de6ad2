package org.gpt2j.lora;

/**
 * How many characters regular expressions may still look at, for one question about one model: an
 * adapter is a stranger's file, and an expression such as {@code .*.*.*.*X} can take for ever.
 */
final class RegexSteps {
  /**
   * A rank and an alpha for every module of a 48-layer model, each by its name, take 40 % of it.
   */
  private static final int LIMIT = 10_000_000;

  /** Thrown out of a match, by the text that is looked at. */
  @SuppressWarnings("serial")
  static final class Exhausted extends RuntimeException {
    Exhausted() {
      super("regular expression: too many steps", null, false, false);
    }
  }

  private int left = LIMIT;

  /**
   * Takes one step.
   *
   * @throws Exhausted if none is left
   */
  void take() {
    if (left-- <= 0) {
      throw new Exhausted();
    }
  }
}
