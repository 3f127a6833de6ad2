package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** From a table as Kaggle, Excel, pandas and UCI leave it to a model that is measured on it. */
class StrangersTablesTest {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void saveBase() throws IOException {
    TinyModel.saveBase(dir.resolve("base"));
  }

  /** Runs words in which `@` stands for the directory of the test, `~` for a space in a word. */
  private int run(String args) {
    String[] words = args.replace("@", dir.toString()).split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].replace("~", " ");
    }
    return Main.commandLine(Map.of("HF_HUB_OFFLINE", "1"))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words);
  }

  /**
   * A table and what comes of it.
   *
   * @param row with %1$s for the label, %2$s for a text and %3$d for the number of the row
   * @param args what the user must say
   * @param data what `train` says of the split
   * @param id2label of the model
   * @param note what is said of the table; null for nothing
   */
  record Flow(
      String file,
      Charset charset,
      String header,
      String row,
      List<String> labels,
      String args,
      String data,
      List<String> id2label,
      String note) {

    byte[] table() {
      StringBuilder table = new StringBuilder(header);
      for (int i = 0; i < 60; i++) {
        String text = "see you " + "at home ".repeat(i % 5) + i;
        table.append(String.format(row, labels.get(i % labels.size()), text, i));
      }
      return table.toString().getBytes(charset);
    }
  }

  private static final List<String> HAM_SPAM = List.of("ham", "ham", "spam");
  private static final String BALANCED = "balanced: 28 to train, 4 to validate, 8 to test";
  private static final String SHUFFLED = "shuffled: 42 to train, 6 to validate, 12 to test";
  private static final List<String> INTENTS =
      List.of("music", "weather", "time", "alarm", "joke", "news");

  static final List<Flow> FLOWS =
      List.of(
          new Flow(
              "spam.csv",
              WINDOWS_1252,
              "v1,v2,,,\r\n",
              "%1$s,\"%2$s, \"\"now\"\" \u00A35\nand then\",,,\r\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              "read as Windows-1252 (line 2: expected UTF-8, found the byte 0xA3; --encoding names"
                  + " another)"),
          new Flow(
              "spam.tsv",
              StandardCharsets.UTF_8,
              "v1\tv2\t\t\t\r\n",
              "%1$s\t%2$s\t\t\t\r\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              null),
          new Flow(
              "sms.tsv",
              StandardCharsets.UTF_8,
              "label\tmessage\n",
              "%1$s\t\"%2$s\" he said\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              "quotes are ordinary characters, since those in line 2 do not fit together (--quote"
                  + " '\"' reads them all the same)"),
          new Flow(
              "collection.csv",
              StandardCharsets.UTF_8,
              "",
              "%1$s,\"%2$s, you\" he said\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              "the first row is no header"),
          new Flow(
              "emails.csv",
              StandardCharsets.UTF_8,
              "label,text,,,\n",
              "%1$s,\"Subject: %2$s\n\n, yours\",,,\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              null),
          new Flow(
              "mail_data.csv",
              StandardCharsets.UTF_8,
              "Category,Message\n",
              "%1$s,%2$s\n",
              List.of("non spam", "spam"),
              "",
              SHUFFLED,
              List.of("non spam", "spam"),
              null),
          new Flow(
              "train.csv",
              StandardCharsets.UTF_8,
              "sms,label\n",
              "\"%2$s\n\",%1$s\n",
              List.of("0", "1"),
              "",
              SHUFFLED,
              List.of("0", "1"),
              null),
          new Flow(
              "Dataset.csv",
              StandardCharsets.UTF_8,
              "LABEL,TEXT,URL\n",
              "%1$s,%2$s,No\n",
              List.of("ham", "Smishing", "spam", "ham", "smishing", "Spam", "Smishing"),
              "",
              SHUFFLED,
              List.of("Smishing", "ham", "spam"),
              "labels read as others: 'smishing' as 'Smishing', 'Spam' as 'spam'"),
          new Flow(
              "Phishing_Email.csv",
              StandardCharsets.UTF_8,
              ",Email Text,Email Type\n",
              "%3$d,\"%2$s\n\n\",%1$s\n",
              List.of("Safe Email", "Phishing Email"),
              "--text-column Email~Text --label-column email~type",
              SHUFFLED,
              List.of("Phishing Email", "Safe Email"),
              null),
          new Flow(
              "intents.csv",
              StandardCharsets.UTF_8,
              "\uFEFFtext,intent\r\n",
              "\"%2$s, please\",%1$s\r\n",
              INTENTS,
              "--label-column intent",
              SHUFFLED,
              INTENTS.stream().sorted().toList(),
              null),
          new Flow(
              "test.csv",
              StandardCharsets.UTF_8,
              "",
              "%1$s;'Die \"%2$s\"; ''so'''\n",
              List.of("Etat", "Kultur", "Web"),
              "--label-column 1 --text-column 2",
              SHUFFLED,
              List.of("Etat", "Kultur", "Web"),
              "fields parted by ';'; fields quoted by '"),
          new Flow(
              "excel.csv",
              StandardCharsets.UTF_8,
              "\uFEFFlabel;text\r\n",
              "%1$s;\"%2$s, 1; 2\"\r\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              "fields parted by ';'"),
          new Flow(
              "unicode.txt",
              StandardCharsets.UTF_16LE,
              "\uFEFFlabel\ttext\r\n",
              "%1$s\t%2$s \u20AC\r\n",
              HAM_SPAM,
              "",
              BALANCED,
              List.of("ham", "spam"),
              "read as UTF-16LE, as its byte order mark says"));

  @ParameterizedTest
  @FieldSource("FLOWS")
  void aTableIsTrainedOnAndMeasured(Flow flow) throws IOException {
    Path data = Files.write(dir.resolve(flow.file()), flow.table());
    String options = ("--data @/" + flow.file() + " " + flow.args()).strip();
    int exit =
        run(
            "train --base @/base --output @/model --max-steps 1 --eval-strategy no --split-seed 1 "
                + options);
    assertThat(exit).as("%s", err).isZero();
    assertThat(out.toString()).contains("data: " + data + ", " + flow.data());
    var config = new ObjectMapper().readTree(dir.resolve("model/config.json").toFile());
    assertThat(config.get("id2label").properties().stream().map(e -> e.getValue().asText()))
        .isEqualTo(flow.id2label());
    List<String> said = flow.note() == null ? List.of() : List.of(data + ": " + flow.note());
    assertThat(out.toString().lines())
        .filteredOn(line -> line.startsWith(data.toString()))
        .isEqualTo(said);

    assertThat(run("evaluate --model @/model " + options)).as("%s", err).isZero();
    assertThat(run("split --output @/split " + options)).as("%s", err).isZero();
    String text = flow.args().contains("Email") ? " --text-column Email~Text" : "";
    text = flow.args().contains("column 2") ? " --text-column 2" : text;
    int labeled = run("classify --model @/model --output @/o.csv --input @/" + flow.file() + text);
    assertThat(labeled).as("%s", err).isZero();
    assertThat(err.toString()).contains(data + ": 60 rows: ");
  }

  /** spam_or_not_spam.csv of the SpamAssassin corpus has blank mails. */
  @Test
  void blankMailsAreSkippedByAnOption() throws IOException {
    StringBuilder table = new StringBuilder("email,label\n");
    for (int i = 0; i < 40; i++) {
      table
          .append(i == 7 ? " " : "date NUMBER see you " + i)
          .append(',')
          .append(i % 2)
          .append("\n");
    }
    Path data = Files.writeString(dir.resolve("spam_or_not_spam.csv"), table);
    String split = "split --data @/spam_or_not_spam.csv --output @/split --text-column email";
    assertThat(run(split)).isEqualTo(1);
    assertThat(run(split + " --max-bad-rows 3")).isZero();
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + data
                + ": expected at most 0 bad rows (--max-bad-rows), found 1, the first in line 9:"
                + " expected a text, found nothing",
            "warning: " + data + ": line 9: expected a text, found nothing; skipped");
  }

  @Test
  void aFilterOfHamAndSpamIsMeasuredOnZeroAndOne() throws IOException {
    TinyModel.saveClassifier(dir.resolve("model"));
    Files.writeString(dir.resolve("a.csv"), "sms,label\nsee you,0\nWIN now,1\nsee me,0\n");
    Files.writeString(dir.resolve("b.tsv"), "ham\tsee you\nspam\tWIN now\nham\tsee me\n");
    assertThat(run("evaluate --model @/model --data @/a.csv")).as("%s", err).isZero();
    assertThat(run("evaluate --model @/model --data @/b.tsv")).as("%s", err).isZero();
    List<String> confusion = out.toString().lines().filter(l -> l.startsWith("  label")).toList();
    assertThat(confusion).hasSize(4);
    assertThat(confusion.subList(0, 2)).isEqualTo(confusion.subList(2, 4));
    assertThat(err.toString().lines())
        .containsExactly(
            dir.resolve("a.csv") + ": labels read as others: '0' as 'ham', '1' as 'spam'");
  }

  @Test
  void aLabelThatTheModelLacksIsNamedWithFileAndLine() throws IOException {
    TinyModel.saveClassifier(dir.resolve("model"));
    Path data = dir.resolve("mail_data.csv");
    Files.writeString(data, "Category,Message\nspam,WIN\nnon spam,see you\n");
    assertThat(run("evaluate --model @/model --data @/mail_data.csv")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + data
                + ": line 3: expected a label of the model [ham, spam], found 'non spam'");
  }

  @Test
  void aHeaderThatIsReadAsARowIsWarnedOf() throws IOException {
    StringBuilder table = new StringBuilder("Mail,Kind\n");
    for (int i = 0; i < 20; i++) {
      table.append("see you ").append(i).append(i % 2 == 0 ? ",safe\n" : ",bad\n");
    }
    Path data = Files.writeString(dir.resolve("x.csv"), table);
    String split = "split --data @/x.csv --output @/split --label-column 2 --text-column 1";
    assertThat(run(split)).as("%s", err).isZero();
    assertThat(err.toString().lines())
        .containsExactly(
            "warning: "
                + data
                + ": line 1 is read as a row, but no other has its label 'Kind'; if it is the header,"
                + " give columns by their names");
    assertThat(run(split + " --no-header")).isZero();
    assertThat(err.toString().lines()).hasSize(1);
  }

  /** The same options for every file of a split, and for the comparison of seeds. */
  @Test
  void recipeReadsFilesOfASplitByTheSameOptions() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      rows.append(i % 2 == 0 ? "safe|" : "Bad|").append("caf\u00e9 ").append(i).append('\n');
    }
    Files.write(dir.resolve("train.txt"), rows.toString().getBytes(WINDOWS_1252));
    Files.write(
        dir.resolve("test.txt"), rows.toString().replace("Bad", "BAD").getBytes(WINDOWS_1252));
    int exit =
        run(
            "recipe --base @/base --output @/recipe --runs 1 --max-steps 1 --eval-strategy no"
                + " --train-file @/train.txt --test-file @/test.txt --more-train-files @/test.txt"
                + " --label-column 1 --text-column 2 --no-header --encoding cp1252 --delimiter |");
    assertThat(exit).as("%s", err).isZero();
    assertThat(out.toString().lines())
        .contains(
            dir.resolve("test.txt") + ": labels read as others: 'BAD' as 'Bad'",
            "more to train: 0 of 24 in " + dir.resolve("test.txt"));
  }
}
