package org.gpt2j.training.baseline;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Cuts texts into the n-grams that scikit-learn's TfidfVectorizer counts. */
enum NGrams {
  /** One word or two neighbours; a word has two letters or digits at least. */
  WORDS {
    @Override
    Stream<String> lowerCase(String text) {
      List<String> words = WORD.matcher(text).results().map(MatchResult::group).toList();
      Stream<String> pairs =
          IntStream.range(1, words.size()).mapToObj(i -> words.get(i - 1) + " " + words.get(i));
      return Stream.concat(words.stream(), pairs);
    }
  },

  /** Two to five neighbouring characters, over the ends of words too. */
  CHARACTERS {
    @Override
    Stream<String> lowerCase(String text) {
      int[] points = SPACES.matcher(text).replaceAll(" ").codePoints().toArray();
      return IntStream.rangeClosed(2, 5)
          .boxed()
          .flatMap(
              n ->
                  IntStream.rangeClosed(0, points.length - n)
                      .mapToObj(start -> new String(points, start, n)));
    }
  };

  /** Python's {@code \b\w\w+\b}. */
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]{2,}");

  private static final Pattern SPACES = Pattern.compile("\\s{2,}", Pattern.UNICODE_CHARACTER_CLASS);

  /** All n-grams of a text in lower case, each as often as it is there. */
  Stream<String> of(String text) {
    return lowerCase(text.toLowerCase(Locale.ROOT));
  }

  abstract Stream<String> lowerCase(String text);
}
