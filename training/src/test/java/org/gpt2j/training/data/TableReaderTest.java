package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableReaderTest extends TableFiles {
  static List<JsonNode> pandas() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    new ObjectMapper().readTree(Fixtures.path("tables.json").toFile()).forEach(cases::add);
    return cases;
  }

  private static Character character(JsonNode node) {
    return node.isMissingNode() ? null : (Character) node.textValue().charAt(0);
  }

  private static TableFormat format(JsonNode options) {
    String encoding = options.path("encoding").textValue();
    return new TableFormat(
        options.path("label").textValue(),
        options.path("text").textValue(),
        options.path("noHeader").asBoolean(),
        character(options.path("delimiter")),
        character(options.path("quote")),
        encoding == null ? null : Charset.forName(encoding));
  }

  /** The bytes and rows of fixtures/data/make_tables.py. */
  @ParameterizedTest
  @MethodSource("pandas")
  void readsWhatPandasReads(JsonNode table) throws IOException {
    List<LabeledText> rows = new ArrayList<>();
    table.get("rows").forEach(r -> rows.add(row(r.get(0).textValue(), r.get(1).textValue())));
    byte[] bytes = table.get("bytes").textValue().getBytes(StandardCharsets.ISO_8859_1);
    TableFormat format = format(table.get("options"));
    Path file = file(table.get("file").textValue(), bytes);
    assertThat(read(file, format)).as(table.get("name").textValue()).isEqualTo(rows);

    // By way of a stream, and one row after the other.
    List<LabeledText> streamed = new ArrayList<>();
    InputStream in = new ByteArrayInputStream(bytes);
    try (TableReader reader =
        TableReader.labeled(file.getFileName().toString(), in, format, KnownLabels.any())) {
      int label = reader.layout().labelColumn();
      int text = reader.layout().textColumn();
      for (TableRow r = reader.next(); r != null; r = reader.next()) {
        streamed.add(row(KnownLabels.strip(r.fields().get(label)), r.fields().get(text)));
      }
    }
    assertThat(streamed).isEqualTo(rows);
  }

  record Found(String name, byte[] content, String note) {
    static Found of(String name, String content, Charset charset, String note) {
      return new Found(name, content.getBytes(charset), note);
    }
  }

  static final List<Found> FOUND =
      List.of(
          Found.of("x.csv", "label,text\nham,a\nspam,b\n", StandardCharsets.UTF_8, ""),
          Found.of("x.csv", "\uFEFFlabel,text\r\nham,a\r\n", StandardCharsets.UTF_8, ""),
          Found.of("x.tsv", "ham\ta \"b\nspam\t\"c\n", StandardCharsets.UTF_8, ""),
          Found.of("x.csv", "label;text\nham;a\n", StandardCharsets.UTF_8, "fields parted by ';'"),
          Found.of(
              "x.csv", "ham,a\nspam,b\n", StandardCharsets.UTF_8, "the first row is no header"),
          Found.of(
              "x.csv",
              "label,text\nham,a\nspam,\u00A35\n",
              StandardCharsets.ISO_8859_1,
              "read as Windows-1252 (line 3: expected UTF-8, found the byte 0xA3; --encoding names"
                  + " another)"),
          Found.of(
              "x.tsv",
              "\uFEFFlabel\ttext\nham\ta\n",
              StandardCharsets.UTF_16LE,
              "read as UTF-16LE, as its byte order mark says"),
          Found.of(
              "x.tsv",
              "label\ttext\nham\ta\nspam\t\"b\" c\n",
              StandardCharsets.UTF_8,
              "quotes are ordinary characters, since those in line 3 do not fit together (--quote"
                  + " '\"' reads them all the same)"),
          Found.of(
              "x.csv",
              "\u00E4|ham\n'b|c'|spam\n",
              WINDOWS_1252,
              "read as Windows-1252 (line 1: expected UTF-8, found the byte 0xE4; --encoding names"
                  + " another); fields parted by '|'; fields quoted by '; the first row is no header"));

  @ParameterizedTest
  @FieldSource("FOUND")
  void saysInOneLineWhatIsUnusual(Found found) throws IOException {
    Path file = file(found.name(), found.content());
    read(file, TableFormat.FOUND);
    assertThat(notes.toString().lines())
        .isEqualTo(found.note().isEmpty() ? List.of() : List.of(file + ": " + found.note()));
  }

  /** The whole file counts, not its beginning: the one byte lies 300,000 behind. */
  @Test
  void theCollectionUnderAHeaderHasAllItsMessages() throws IOException {
    Path uci = Fixtures.uciCollection();
    Path headed = file("x.tsv", "label\tmessage\r\n" + Files.readString(uci));
    assertThat(read(headed, TableFormat.FOUND))
        .hasSize(5574)
        .isEqualTo(SmsSpamCollection.read(uci, false));
    assertThat(read(headed, TableFormat.FOUND.withQuote('"')))
        .hasSize(5572)
        .isEqualTo(SmsSpamCollection.read(uci, true));
  }

  record Foreign(byte[] head, String what) {}

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static final List<Foreign> FOREIGN =
      List.of(
          new Foreign(bytes('P', 'K', 3, 4, 0, 0), "an Excel workbook (save it as CSV UTF-8)"),
          new Foreign(bytes(0x1F, 0x8B, 8, 0), "a gzip file"),
          new Foreign(bytes('P', 'A', 'R', '1', 0), "a Parquet file"),
          new Foreign(
              "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
                  .getBytes(StandardCharsets.US_ASCII),
              "`git lfs pull`"),
          new Foreign(
              "\n\n <!DOCTYPE html>\n<html>".getBytes(StandardCharsets.US_ASCII), "an HTML page"));

  @ParameterizedTest
  @FieldSource("FOREIGN")
  void refusesOtherFilesAsWhatTheyAre(Foreign foreign) throws IOException {
    Path file = file("x.csv", foreign.head());
    assertThatThrownBy(() -> read(file, TableFormat.FOUND))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(file + ": expected text, found ")
        .hasMessageContaining(foreign.what());
    assertThatThrownBy(() -> TableReader.texts(file, TableFormat.FOUND))
        .hasMessageContaining(foreign.what());
    assertThatThrownBy(() -> TextDocuments.read(file)).hasMessageContaining(foreign.what());
  }

  record Unclear(String name, String content, String found) {}

  static final List<Unclear> UNCLEAR =
      List.of(
          new Unclear("x.csv", "sport,a goal\nnews,rain\n", "'sport,a goal'"),
          // Kaggle's emails.csv: a column with the name of a label.
          new Unclear("emails.csv", "text,spam\nSubject: win,1\nhi,0\n", "'text,spam'"),
          new Unclear("emails.csv", "email,spam\nSubject: win,1\nhi,0\n", "'email,spam'"),
          new Unclear("x.csv", "ham,text\nspam,b\n", "'ham,text'"),
          new Unclear("x.csv", "7,ham,a,b\n8,spam,c,d\n", "'7,ham,a,b'"),
          new Unclear("x.txt", "no tab here\n", "'no tab here'"));

  @ParameterizedTest
  @FieldSource("UNCLEAR")
  void whereItCannotTellItNamesTheOptions(Unclear unclear) throws IOException {
    Path file = file(unclear.name(), unclear.content());
    assertThatThrownBy(() -> read(file, TableFormat.FOUND))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(file + ": expected a header with the ")
        .hasMessageContaining("found " + unclear.found())
        .hasMessageContainingAll("--label-column", "--text-column", "--no-header", "--delimiter");
  }

  @Test
  void aRowTooLongIsRefusedByItsLineAndTheNextOneRead() throws IOException {
    int length = 34_000_000;
    for (String quote : List.of("", "\"")) {
      Path file = directory.resolve("long.csv");
      try (var out = Files.newBufferedWriter(file)) {
        out.write("label,text\nham,a\nspam," + quote);
        for (int i = 0; i < length; i += 1000) {
          out.write("x".repeat(1000));
        }
        out.write("\nham,b\n");
      }
      assertThatThrownBy(() -> read(file, TableFormat.FOUND))
          .hasMessageStartingWith(
              file
                  + ": expected at most 0 bad rows (--max-bad-rows), found 1, the first in line 3:"
                  + " expected at most 33,554,432 characters in a row, found more");
      assertThat(new TextTable(null, null, 1).read(file, new PrintWriter(notes)))
          .containsExactly(row("ham", "a"), row("ham", "b"));
    }
  }

  @Test
  void tooManyColumnsAreRefused() throws IOException {
    Path file = file("x.csv", "label,text\nham,a\nspam" + ",".repeat(20_000) + "\nham,b\n");
    assertThatThrownBy(() -> read(file, TableFormat.FOUND))
        .hasMessageContaining("line 3: expected at most 16384 columns, found more");
  }

  @Test
  void streamsOfAMebibyteOrLessNeedNoFile() throws IOException {
    String table = "text\n" + "hi you!\n".repeat((1 << 17) - 1) + "hi\n";
    assertThat(table).hasSize(1 << 20);
    TableReader inMemory = TableReader.texts("upload", stream(table), TableFormat.FOUND);
    inMemory.close();
    assertThat(inMemory.size()).isEqualTo(1 << 20);
    TableReader inFile = TableReader.texts("upload", stream(table + "a"), TableFormat.FOUND);
    inFile.close();
    assertThatThrownBy(inFile::size).isInstanceOf(IOException.class);
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void streamsAreKeptAsFilesOnlyWhileTheyAreOpen() throws IOException {
    String table = "label,text\n" + "ham,see you\n".repeat(200_000) + "spam,\u00e9\n";
    InputStream in = new ByteArrayInputStream(table.getBytes(StandardCharsets.ISO_8859_1));
    int rows = 0;
    TableReader reader = TableReader.labeled("upload", in, TableFormat.FOUND, KnownLabels.any());
    try (reader) {
      assertThat(reader.name()).isEqualTo("upload");
      assertThat(reader.layout().encoding()).isEqualTo(WINDOWS_1252);
      for (TableRow r = reader.next(); r != null; r = reader.next()) {
        rows++;
        assertThat(r.number()).isEqualTo(rows);
      }
      assertThat(reader.bytesRead()).isEqualTo(reader.size()).isEqualTo(table.length());
    }
    assertThat(rows).isEqualTo(200_001);
    assertThatThrownBy(reader::size).isInstanceOf(IOException.class);
  }

  @Test
  void textsAloneNeedNoLabels() throws IOException {
    Path named = file("x.csv", "id;Text\n1;\"hi; mum\"\n2;\n");
    try (TableReader table = TableReader.texts(named, TableFormat.FOUND)) {
      assertThat(table.layout().kind()).isEqualTo(TableLayout.Kind.TABLE);
      assertThat(table.layout().header()).containsExactly("id", "Text");
      assertThat(table.layout().labelColumn()).isEqualTo(-1);
      assertThat(table.layout().textColumn()).isEqualTo(1);
      assertThat(table.next()).isEqualTo(new TableRow(2, 1, List.of("1", "hi; mum"), null));
      assertThat(table.next()).isEqualTo(new TableRow(3, 2, List.of("2", ""), null));
      assertThat(table.next()).isNull();
    }
    Path labeled = file("y.tsv", "ham\thi \"mum\nspam\twin\tcash\t\n");
    try (TableReader table = TableReader.texts(labeled, TableFormat.FOUND)) {
      assertThat(table.layout().kind()).isEqualTo(TableLayout.Kind.COLLECTION);
      assertThat(table.next().fields()).containsExactly("ham", "hi \"mum");
      assertThat(table.next().fields()).containsExactly("spam", "win\tcash");
    }
  }

  /** The first quote is never closed, so that under a quote there would be no first row. */
  @Test
  void aFirstRowWithAnOpenQuoteHasItsColumns() throws IOException {
    Path collection = file("SMSSpamCollection", "ham\t\"ER, see you\nspam\tWIN\nham\tok \"then\n");
    assertThat(read(collection, TableFormat.FOUND))
        .containsExactly(row("ham", "\"ER, see you"), row("spam", "WIN"), row("ham", "ok \"then"));
    try (TableReader table = TableReader.texts(collection, TableFormat.FOUND)) {
      assertThat(table.layout().kind()).isEqualTo(TableLayout.Kind.COLLECTION);
      assertThat(table.next().fields()).containsExactly("ham", "\"ER, see you");
    }
    Path table = file("x.tsv", "text\t\"size\nhi\t5\n");
    try (TableReader texts = TableReader.texts(table, TableFormat.FOUND)) {
      assertThat(texts.layout().header()).containsExactly("text", "\"size");
      assertThat(texts.layout().found())
          .startsWith("quotes are ordinary characters, since those in line 1 do not fit together");
      assertThat(texts.next().fields()).containsExactly("hi", "5");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {" \n", "\t\n", "\n\t\t\n \r\n", "sep=;\n", "\ufeff\n"})
  void aBlankFileIsAnEmptyOne(String content) throws IOException {
    for (String name : List.of("x.csv", "x.tsv", "x.txt")) {
      Path file = file(name, content);
      assertThatThrownBy(() -> read(file, TableFormat.FOUND))
          .hasMessage(file + ": expected text, found an empty file");
      assertThatThrownBy(() -> TableReader.texts(file, TableFormat.FOUND))
          .hasMessage(file + ": expected text, found an empty file");
    }
  }

  @Test
  void textsMayBePlainLines() throws IOException {
    for (String name : List.of("messages.txt", "messages")) {
      Path lines = file(name, "ham, eggs and \"toast\"\r\"hi\", he said\r\n\nsee you; 1|2\n");
      try (TableReader table = TableReader.texts(lines, TableFormat.FOUND)) {
        assertThat(table.layout().kind()).isEqualTo(TableLayout.Kind.LINES);
        assertThat(table.layout().header()).isEmpty();
        assertThat(table.next().fields()).containsExactly("ham, eggs and \"toast\"");
        assertThat(table.next().fields()).containsExactly("\"hi\", he said");
        assertThat(table.next()).isEqualTo(new TableRow(4, 3, List.of("see you; 1|2"), null));
        assertThat(table.next()).isNull();
      }
    }
    Path one = file("x.txt", "text\nhi, mum\n\"a\nb\"\n");
    try (TableReader table = TableReader.texts(one, TableFormat.FOUND)) {
      assertThat(table.layout().kind()).isEqualTo(TableLayout.Kind.TABLE);
      assertThat(table.next().fields()).containsExactly("hi, mum");
      assertThat(table.next().fields()).containsExactly("a\nb");
    }
  }

  @Test
  void textsOfAnUnknownColumnAreAskedFor() throws IOException {
    for (String delimiter : List.of(",", "\t", ";")) {
      Path file = file("x.csv", "id,body\n1,hi\n2,you\n".replace(",", delimiter));
      assertThatThrownBy(() -> TableReader.texts(file, TableFormat.FOUND))
          .isInstanceOf(DataFileException.class)
          .hasMessageStartingWith(file + ": expected a header with the text column (text, message,")
          .hasMessageContainingAll("--text-column", "--no-header", "--delimiter")
          .extracting(e -> ((DataFileException) e).problem(), STRING)
          .startsWith("expected a header with the text column (text, message, sms, sentence,")
          .endsWith("found 'id,body'");
      TableFormat body = TableFormat.FOUND.withColumns(null, "Body");
      try (TableReader table = TableReader.texts(file, body)) {
        assertThat(table.next().fields()).containsExactly("1", "hi");
      }
      TableFormat second = TableFormat.FOUND.withColumns(null, "2");
      try (TableReader table = TableReader.texts(file, second)) {
        assertThat(table.next().fields()).containsExactly("id", "body");
      }
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> TableFormat.FOUND.withDelimiter('\n'))
        .hasMessageStartingWith("delimiter: expected");
    assertThatThrownBy(() -> TableFormat.FOUND.withDelimiter(';').withQuote(';'))
        .hasMessageStartingWith("delimiter and quote: expected two different characters");
    assertThatThrownBy(() -> new TableFormat("label", null, true, null, null, null))
        .hasMessage("no header: expected columns by their numbers, found 'label'");
  }

  /** Their keys and braces are no text; a message may begin with a brace. */
  @Test
  void linesOfJsonAreNoTexts() throws IOException {
    for (String json :
        List.of(
            "{\"text\": \"hi mum\"}\n{\"text\": \"ok\"}\n",
            "[{\"text\": \"hi\"},\n{\"text\": \"ok\"}]",
            "\n [ { \"a b\" : 1 } ]")) {
      Path file = file("rows.jsonl", json);
      assertThatThrownBy(() -> TableReader.texts(file, TableFormat.FOUND))
          .as(json)
          .isInstanceOf(DataFileException.class)
          .hasMessage(
              file + ": expected a table or lines of text, found JSON: write it as CSV first");
    }
    try (TableReader lines =
        TableReader.texts(file("lines.txt", "{smile} see you\n[\"hi\"] ok\n"), TableFormat.FOUND)) {
      assertThat(lines.next().fields()).containsExactly("{smile} see you");
    }
  }
}
