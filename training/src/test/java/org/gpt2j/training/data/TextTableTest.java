package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTableTest {
  private static final TextTable DEFAULT = new TextTable(null, null, 0);

  /** Rows from line 2 on: 2 good, 4 bad, 1 good, 3 bad, 1 good; the text in line 3 has two ends. */
  private static final String BROKEN =
      "label,text\n" // 1
          + "a,one\n" // 2
          + "b,\"two\r\nlines\n and three\"\n" // 3 to 5
          + "a,too,many\n" // 6
          + "a\n" // 7
          + ",no label\n" // 8
          + "\n" // 9
          + "b,\n" // 10
          + "a,good\n" // 11
          + "a\n" // 12
          + "b,\" \"\n" // 13
          + "b,last\n" // 14
          + "a,\"open\n"; // 15

  private static final String WAY_OUT =
      "; --label-column and --text-column name others, or their numbers with --no-header, and"
          + " --delimiter what parts fields";

  @TempDir Path directory;
  private final StringWriter warnings = new StringWriter();

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private List<LabeledText> read(TextTable table, Path file) throws IOException {
    return table.read(file, new PrintWriter(warnings));
  }

  private static LabeledText row(String label, String text) {
    return new LabeledText(label, text);
  }

  record Header(String file, String content) {}

  static final List<Header> HEADERS =
      List.of(
          new Header("x.csv", "label,text\nsport,a goal\nnews,\"b, c\"\n"),
          new Header("x.CSV", "\uFEFFText,id,LABEL\r\na goal,1, sport \r\n\"b, c\",2,news"),
          new Header("x.csv", "v1,v2,,,\nsport,a goal,,,\nnews,\"b, c\",,,\n"),
          new Header("x.csv", "\n id , Category , Message \n\n7,sport,a goal\n8,news,\"b, c\"\n"),
          new Header("x.tsv", "target\tsentence\nsport\ta goal\nnews\tb, c\n"),
          new Header("x.tab", "content\tclass\na goal\tsport\nb, c\tnews\n"),
          new Header("x.txt", "sms\tclass\na goal\tsport\n\"b, c\"\tnews\n"),
          // label goes before category, text before message
          new Header(
              "x.csv", "category,message,text,label\nx,y,a goal,sport\nx,y,\"b, c\",news\n"));

  @ParameterizedTest
  @FieldSource("HEADERS")
  void findsTheColumnsByTheirUsualNames(Header header) throws IOException {
    assertThat(read(DEFAULT, file(header.file(), header.content())))
        .containsExactly(row("sport", "a goal"), row("news", "b, c"));
    assertThat(warnings.toString()).isEmpty();
  }

  @Test
  void readsNamedAndNumberedColumns() throws IOException {
    Path named = file("x.csv", "label,Topic,text,Body\n1,sport,no,a goal\n");
    assertThat(read(new TextTable("topic", "BODY", 0), named))
        .containsExactly(row("sport", "a goal"));
    assertThat(read(new TextTable("Topic", null, 0), named)).containsExactly(row("sport", "no"));
    Path numbered = file("y.tsv", "7\ta goal\tsport\n8\tb\tnews\n");
    assertThat(read(new TextTable("3", "2", 0), numbered))
        .containsExactly(row("sport", "a goal"), row("news", "b"));
  }

  record Bad(String label, String text, String content, String problem) {}

  static final List<Bad> BAD_COLUMNS =
      List.of(
          new Bad(
              null,
              null,
              "a,b\n1,2\n",
              "expected a header with the label column (label, category, class, target, v1), found"
                  + " 'a,b'"
                  + WAY_OUT),
          new Bad(
              null,
              null,
              "label,b\n1,2\n",
              "expected a header with the text column (text, message, sms, sentence, content, v2),"
                  + " found 'label,b'"
                  + WAY_OUT),
          new Bad(
              "topic",
              null,
              "label,text\n1,2\n",
              "expected a header with the label column ('topic'), found 'label,text'" + WAY_OUT),
          new Bad(
              null,
              null,
              "text,Label,label\n1,2,3\n",
              "expected one column 'label', found" + " 'text,Label,label'"),
          new Bad(
              "text",
              null,
              "label,text\n1,2\n",
              "expected two columns, found column 2 for both label" + " and text"),
          new Bad("1", "3", "a,b\n", "text column: expected a number from 1 to 2, found 3"),
          new Bad("0", "1", "a,b\n", "label column: expected a number from 1 to 2, found 0"),
          new Bad(
              "1",
              "2",
              "label,text\na,b\n",
              "expected no header where columns are given by number," + " found 'label,text'"),
          new Bad(null, null, "label,text\n", "expected rows with a label and a text, found none"),
          new Bad(null, null, "label,\"text\nx", "line 1: bad quoting: a quote is not closed"),
          new Bad(null, null, " \n", "expected text, found an empty file"));

  @ParameterizedTest
  @FieldSource("BAD_COLUMNS")
  void refusesAFileWithoutTheColumns(Bad bad) throws IOException {
    Path file = file("x.csv", bad.content());
    assertThatThrownBy(() -> read(new TextTable(bad.label(), bad.text(), 0), file))
        .isInstanceOf(DataFileException.class)
        .hasMessage(file + ": " + bad.problem());
  }

  @Test
  void refusesOneNumberAndANegativeLimit() {
    assertThatThrownBy(() -> new TextTable("1", null, 0))
        .hasMessage(
            "label and text column: expected two numbers, for a file without a header, or none, found"
                + " 1 and null");
    assertThatThrownBy(() -> new TextTable(null, null, -1))
        .hasMessage("max bad rows: expected at least 0, found -1");
  }

  @Test
  void skipsBrokenRowsAndNamesTheirLines() throws IOException {
    Path file = file("x.csv", BROKEN);
    assertThat(read(new TextTable(null, null, 7), file))
        .containsExactly(
            row("a", "one"),
            row("b", "two\r\nlines\n and three"),
            row("a", "good"),
            row("b", "last"));
    String quoting = "bad quoting: a quote is not closed";
    assertThat(warnings.toString().lines())
        .containsExactly(
            "warning: " + file + ": line 6: expected 2 columns, found 3; skipped",
            "warning: " + file + ": line 7: expected 2 columns, found 1; skipped",
            "warning: " + file + ": line 8: expected a label, found nothing; skipped",
            "warning: " + file + ": line 10: expected a text, found nothing; skipped",
            "warning: " + file + ": line 12: expected 2 columns, found 1; skipped",
            "warning: " + file + ": line 13: expected a text, found nothing; skipped",
            "warning: " + file + ": line 15: " + quoting + "; skipped");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6})
  void refusesMoreBrokenRowsThanTheLimit(int limit) throws IOException {
    Path file = file("x.csv", BROKEN);
    assertThatThrownBy(() -> read(new TextTable(null, null, limit), file))
        .isInstanceOf(DataFileException.class)
        .hasMessage(
            "%s: expected at most %d bad rows (--max-bad-rows), found 7, the first in line 6: expected"
                + " 2 columns, found 3",
            file, limit);
    assertThat(warnings.toString()).isEmpty();
  }

  @Test
  void showsTenWarningsAndCountsTheRest() throws IOException {
    Path file = file("x.csv", "label,text\na,b\n" + "broken\n".repeat(25));
    assertThat(read(new TextTable(null, null, 25), file)).hasSize(1);
    assertThat(warnings.toString().lines())
        .hasSize(11)
        .contains("warning: " + file + ": line 12: expected 2 columns, found 1; skipped")
        .endsWith("warning: " + file + ": 15 more bad rows skipped, 25 in all");
  }

  /** An open quote takes its own line alone, not those up to the next quote. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void goesOnBehindAnOpenQuote(String end) throws IOException {
    String rows = String.join(end, "label,text", "a,\"open", "b,two", "a,\"three\"", "b,four", "");
    Path file = file("x.csv", rows);
    assertThat(read(new TextTable(null, null, 1), file))
        .containsExactly(row("b", "two"), row("a", "three"), row("b", "four"));
    assertThat(warnings.toString()).contains("line 2: bad quoting");
  }

  @Test
  void uciLinesAndSplitFilesSkipBrokenRowsToo() throws IOException {
    Path uci = file("sms", "ham\ta\n\nno tab\neggs\tb\nspam\tc\n");
    PrintWriter out = new PrintWriter(warnings);
    assertThat(SmsSpamCollection.read(uci, false, 2, out))
        .containsExactly(row("ham", "a"), row("spam", "c"));
    Path split = file("x.csv", "Label,Text\n0,\"a\nb\"\neggs,b\n1,c\nspam\n");
    assertThat(SplitFiles.read(split, 2, out))
        .containsExactly(row("ham", "a\nb"), row("spam", "c"));
    assertThat(warnings.toString().lines())
        .containsExactly(
            "warning: "
                + uci
                + ": line 3: expected label, tab, text, found no tab in 'no tab'; skipped",
            "warning: " + uci + ": line 4: expected the label ham or spam, found 'eggs'; skipped",
            "warning: " + split + ": line 4: expected the label ham or spam, found 'eggs'; skipped",
            "warning: " + split + ": line 6: expected 2 columns, found 1; skipped");
    assertThatThrownBy(() -> SmsSpamCollection.read(uci, true, 1, out))
        .hasMessage(
            uci
                + ": expected at most 1 bad rows (--max-bad-rows), found 2, the first in line 3:"
                + " expected label, tab, text, found no tab in 'no tab'");
  }
}
