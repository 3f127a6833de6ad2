package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code classify --input}: a table that has no labels gets them. */
class ClassifyTableTest {
  @TempDir static Path model;
  @TempDir Path dir;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void save() throws IOException {
    TinyModel.saveClassifier(model);
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }

  /** Runs words in which `@` stands for the directory of the test. */
  private int run(String args) {
    String all = "classify --model " + model + " " + args.replace("@", dir.toString());
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.split(" "));
  }

  private static List<List<String>> csv(String text) throws IOException {
    try (CSVParser parser = CSVParser.parse(new StringReader(text), CSVFormat.RFC4180)) {
      return parser.stream().map(CSVRecord::toList).toList();
    }
  }

  private static List<String> row(String text, String... before) throws IOException {
    List<String> row = new ArrayList<>(List.of(before));
    try (TextClassifier classifier = TextClassifier.load(model)) {
      Classification c = classifier.classify(text);
      row.add(c.label());
      row.add(String.format(Locale.ROOT, "%.6f", c.score()));
    }
    return row;
  }

  @Test
  void writesTheTableAsItWasWithLabelAndScore() throws IOException {
    Path in = dir.resolve("in.csv");
    String table = "id;Text;note\r\n1;\"see; \u00A3\r\n\"\"you\"\"\";a,b\r\n2;WIN now;\"\"\r\n";
    Files.write(in, table.getBytes(Charset.forName("windows-1252")));
    assertThat(run("--input @/in.csv --output @/out.csv")).as("%s", err).isZero();
    assertThat(csv(Files.readString(dir.resolve("out.csv"))))
        .containsExactly(
            List.of("id", "Text", "note", "label", "score"),
            row("see; \u00A3\r\n\"you\"", "1", "see; \u00A3\r\n\"you\"", "a,b"),
            row("WIN now", "2", "WIN now", ""));
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .hasSize(2)
        .startsWith(
            in
                + ": read as Windows-1252 (line 2: expected UTF-8, found the byte 0xA3; --encoding"
                + " names another); fields parted by ';'")
        .last()
        .asString()
        .startsWith(in + ": 2 rows: ");
  }

  record Form(String name, String content, String args, List<String> header, int text) {}

  static final List<Form> FORMS =
      List.of(
          new Form("x.csv", "text\nsee you\n\"WIN, now\"\n", "", List.of("text"), 0),
          new Form("x.txt", "see you\r\rWIN, now\r", "", List.of("text"), 0),
          new Form("x.tsv", "ham\tsee you\t\t\nspam\tWIN, now\n", "", List.of(), 1),
          new Form("x.csv", "ham,see you\nspam,\"WIN, now\"\n", "", List.of(), 1),
          new Form("x.csv", "a;see you\nb;\"WIN, now\"\n", "--text-column 2", List.of(), 1),
          new Form(
              "x.csv",
              "\uFEFFBody|id\nsee you|1\nWIN, now|2\n",
              "--text-column body",
              List.of("Body", "id"),
              0),
          new Form(
              "x.csv",
              "v1,v2,,,\nham,see you,,,\nspam,\"WIN, now\",,,\n",
              "",
              List.of("v1", "v2", "", "", ""),
              1));

  @ParameterizedTest
  @FieldSource("FORMS")
  void readsEveryFormOfTable(Form form) throws IOException {
    write(form.name(), form.content());
    assertThat(run(("--input @/" + form.name() + " " + form.args()).strip())).isZero();
    List<List<String>> rows = csv(out.toString());
    if (!form.header().isEmpty()) {
      List<String> header = new ArrayList<>(form.header());
      header.addAll(List.of("label", "score"));
      assertThat(rows.get(0)).isEqualTo(header);
      rows = rows.subList(1, rows.size());
    }
    assertThat(rows).hasSize(2);
    for (int i = 0; i < 2; i++) {
      List<String> row = rows.get(i);
      String text = row.get(form.text());
      assertThat(text).isEqualTo(i == 0 ? "see you" : "WIN, now");
      assertThat(row.subList(row.size() - 2, row.size())).isEqualTo(row(text));
    }
  }

  @Test
  void aRowWithoutATextHasNoLabel() throws IOException {
    Path in = write("in.csv", "id,text\n1,see you\n2,\n3,\" \"\n4,WIN\n");
    assertThat(run("--input @/in.csv")).as("%s", err).isZero();
    assertThat(csv(out.toString()).subList(1, 5))
        .containsExactly(
            row("see you", "1", "see you"),
            List.of("2", "", "", ""),
            List.of("3", " ", "", ""),
            row("WIN", "4", "WIN"));
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith(in + ": 4 rows: ")
        .endsWith(", 2 without a text");
  }

  @Test
  void columnsKeepTheirNames() throws IOException {
    write("in.csv", "Label,text,predicted_label\nham,see you,x\n");
    assertThat(run("--input @/in.csv")).isZero();
    assertThat(csv(out.toString()).get(0))
        .containsExactly("Label", "text", "predicted_label", "predicted_predicted_label", "score");
  }

  @Test
  void jsonIsALineARow() throws IOException {
    write("in.csv", "text\n\"see\nyou\"\n\"\"\n");
    assertThat(run("--input @/in.csv --json --output @/out.jsonl")).as("%s", err).isZero();
    List<String> lines = Files.readAllLines(dir.resolve("out.jsonl"));
    assertThat(lines).hasSize(2).last().isEqualTo("{\"text\":\"\",\"label\":null,\"score\":null}");
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    try (TextClassifier classifier = TextClassifier.load(model)) {
      Classification c = classifier.classify("see\nyou");
      assertThat(first.get("text").textValue()).isEqualTo("see\nyou");
      assertThat(first.get("label").textValue()).isEqualTo(c.label());
      assertThat(first.get("logits").get(1).floatValue()).isCloseTo(c.logits()[1], within(1e-5f));
    }
  }

  @Test
  void manyRowsKeepTheirOrder() throws IOException {
    StringBuilder table = new StringBuilder("id\ttext\n");
    for (int i = 0; i < 1000; i++) {
      table.append(i).append('\t').append(i % 7 == 0 ? "" : "see you " + "and ".repeat(i % 9) + i);
      table.append('\n');
    }
    write("in.tsv", table.toString());
    assertThat(run("--input @/in.tsv")).as("%s", err).isZero();
    List<List<String>> rows = csv(out.toString());
    assertThat(rows).hasSize(1001);
    for (int i = 0; i < 1000; i++) {
      assertThat(rows.get(i + 1).get(0)).isEqualTo(String.valueOf(i));
      assertThat(rows.get(i + 1).get(2).isEmpty()).isEqualTo(i % 7 == 0);
    }
    assertThat(rows.get(780).subList(2, 3)).isEqualTo(row(rows.get(780).get(1)).subList(0, 1));
    assertThat(err.toString()).contains(": 1000 rows: ").contains(", 143 without a text");
  }

  @Test
  void standardInputIsATableToo() throws IOException {
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream("text;id\nsee you;1\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(run("--input - --output -")).as("%s", err).isZero();
    } finally {
      System.setIn(stdin);
    }
    assertThat(csv(out.toString()))
        .containsExactly(List.of("text", "id", "label", "score"), row("see you", "see you", "1"));
  }

  record Refused(String args, String sentence) {}

  static final List<Refused> REFUSED =
      List.of(
          new Refused("--input @/none.csv --output @/old.csv", "@/none.csv: no such file"),
          new Refused(
              "--input @/broken.csv --output @/old.csv",
              "@/broken.csv: expected at most 0 bad rows (--max-bad-rows), found 1, the first in"
                  + " line 602: expected 2 columns, found 3"),
          new Refused(
              "--input @/nul.csv --output @/old.csv",
              "@/nul.csv: line 602: expected UTF-8 text, found a NUL character (is it UTF-16?)"),
          new Refused(
              "--input @/columns.csv --output @/old.csv",
              "@/columns.csv: expected a header with the text column (text, message, sms, sentence,"
                  + " content, v2), found 'id,body'; --text-column names another, or its number with"
                  + " --no-header, and --delimiter what parts fields"),
          new Refused(
              "--input @/good.csv --output @/old.csv --label-column id",
              "--label-column: expected none where labels are made, found 'id'"),
          new Refused(
              "--input @/good.csv --output @/none/out.csv",
              "@/none/out.csv: cannot be written, the directory @/none does not exist"),
          new Refused(
              "--input @/good.csv --output @",
              "--output @: expected a file to write or none, found something else"),
          new Refused(
              "--input @/good.csv --output @/old.csv hello",
              "--input: expected no texts beside it, found 1"),
          new Refused(
              "--output @/old.csv hello",
              "--output and what a table is like go with --input, found none"),
          new Refused(
              "--text-column body hello",
              "--output and what a table is like go with --input, found none"),
          new Refused(
              "--input @/good.csv --encoding utf-9",
              "--encoding: expected an encoding such as utf-8 or windows-1252, found 'utf-9'"),
          new Refused(
              "--input @/good.csv --delimiter ab",
              "--delimiter: expected one character or the word tab, found 'ab'"));

  @ParameterizedTest
  @FieldSource("REFUSED")
  void badInputIsOneSentenceAndTheOldOutputStays(Refused c) throws IOException {
    String rows = "1,see you\n".repeat(600);
    write("good.csv", "id,text\n1,see you\n");
    write("broken.csv", "id,text\n" + rows + "1,a,b\n");
    write("nul.csv", "id,text\n" + rows + "1,a\0b\n");
    write("columns.csv", "id,body\n1,see you\n");
    write("old.csv", "old");
    assertThat(run(c.args())).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("error: " + c.sentence().replace("@", dir.toString()));
    assertThat(dir.resolve("old.csv")).hasContent("old");
    assertThat(names())
        .containsExactly("broken.csv", "columns.csv", "good.csv", "nul.csv", "old.csv");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void brokenRowsAreLeftOutIfThatIsAllowed() throws IOException {
    Path in = write("in.csv", "id,text\n1,see you\n2,a,b\n3,WIN\n");
    assertThat(run("--input @/in.csv --max-bad-rows 1")).as("%s", err).isZero();
    assertThat(csv(out.toString())).hasSize(3);
    assertThat(err.toString())
        .contains("warning: " + in + ": line 3: expected 2 columns, found 3; skipped");
  }

  /** A process of its own, told to end and killed: the old output is there as it was. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void aKilledRunLeavesTheOldOutput(boolean kill) throws Exception {
    write("in.csv", "text\n" + "see you at home\n".repeat(1_000_000));
    write("old.csv", "old");
    String classPath = System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                classPath,
                Main.class.getName(),
                "classify",
                "--model",
                model.toString(),
                "--threads",
                "1",
                "--input",
                dir.resolve("in.csv").toString(),
                "--output",
                dir.resolve("old.csv").toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      while (process.isAlive() && names().size() < 3) {
        Thread.sleep(10);
      }
      assertThat(names()).as("a file beside the old one").hasSize(3);
      if (kill) {
        process.toHandle().destroyForcibly();
      } else {
        process.toHandle().destroy();
      }
      List<String> lines = said.lines().toList();
      assertThat(process.waitFor()).isNotZero();
      assertThat(dir.resolve("old.csv")).hasContent("old");
      if (!kill) {
        assertThat(names()).containsExactly("in.csv", "old.csv");
        assertThat(lines).contains("interrupted: " + dir.resolve("old.csv") + " is as it was");
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
