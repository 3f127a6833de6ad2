package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with tables, as the programs read them, by way of HTTP. */
class TableTest {
  private static final String CSV = "text/csv";
  private static final String TSV = "text/tab-separated-values";
  private static final String BYTES = "application/octet-stream";

  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory.resolve("whole")));
    server = new TestServer(TestServer.options(), model);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> post(String type, byte[] body) throws Exception {
    HttpRequest.Builder request =
        server.request("/api/table").POST(BodyPublishers.ofByteArray(body));
    if (type != null) {
      request.header("Content-Type", type);
    }
    return server.send(request.build());
  }

  private static HttpResponse<String> post(String type, String body) throws Exception {
    return post(type, body.getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode table(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue(Call.JSON);
    return JsonFile.parse(response.body());
  }

  private static String problem(HttpResponse<String> response) {
    JsonNode error = JsonFile.parse(response.body()).path("error");
    assertThat(error.path("code").asText()).as(response.body()).isEqualTo("invalid_table");
    assertThat(response.statusCode()).isEqualTo(400);
    return error.path("message").asText();
  }

  record Read(String name, String type, String charset, String file, String answer) {}

  static final List<Read> READ =
      List.of(
          new Read(
              "as Excel saves it in Western Europe",
              CSV,
              "windows-1252",
              "id;Text;;\r\n1;\"caf\u00e9; \u20ac 5\";;\r\n\r\n2;gr\u00fc\u00dfe;;\r\n",
              """
              {"encoding": "windows-1252", "delimiter": ";", "quote": "\\"",
               "header": ["id", "Text", "", ""], "text_column": 1, "broken_rows": 0,
               "problems": [], "rows": [["1", "caf\u00e9; \u20ac 5", "", ""],
                                        ["2", "gr\u00fc\u00dfe", "", ""]]}"""),
          new Read(
              "as Excel saves Unicode text",
              BYTES,
              "UTF-16LE",
              "\ufeffid\ttext\r\n1\t\u4f60\u597d \ud83d\ude00\r\n",
              """
              {"encoding": "UTF-16LE", "delimiter": "\\t", "quote": "\\"",
               "header": ["id", "text"], "text_column": 1, "broken_rows": 0, "problems": [],
               "rows": [["1", "\u4f60\u597d \ud83d\ude00"]]}"""),
          new Read(
              "without a header",
              CSV,
              "UTF-8",
              "ham,see you\nspam,\"win, now\"\n",
              """
              {"encoding": "UTF-8", "delimiter": ",", "quote": "\\"", "header": null,
               "text_column": 1, "broken_rows": 0, "problems": [],
               "rows": [["ham", "see you"], ["spam", "win, now"]]}"""),
          new Read(
              "the UCI format",
              BYTES,
              "UTF-8",
              "ham\t\"ER, see\tyou\nspam\tWIN now\t\t\n",
              """
              {"encoding": "UTF-8", "delimiter": "\\t", "quote": null, "header": null,
               "text_column": 1, "broken_rows": 0, "problems": [],
               "rows": [["ham", "\\"ER, see\\tyou"], ["spam", "WIN now"]]}"""),
          new Read(
              "plain lines",
              BYTES,
              "UTF-8",
              "\ufeffsee you, mum\r\"hi\", he said",
              """
              {"encoding": "UTF-8", "delimiter": null, "quote": null, "header": null,
               "text_column": 0, "broken_rows": 0, "problems": [],
               "rows": [["see you, mum"], ["\\"hi\\", he said"]]}"""),
          new Read(
              "tabs",
              TSV,
              "UTF-8",
              "id\tmessage\n1\t\"a\nb\"\n",
              """
              {"encoding": "UTF-8", "delimiter": "\\t", "quote": "\\"",
               "header": ["id", "message"], "text_column": 1, "broken_rows": 0, "problems": [],
               "rows": [["1", "a\\nb"]]}"""),
          new Read(
              "broken rows",
              CSV,
              "UTF-8",
              "id,text\n1,a\n2\n3,c,d\n4,\"e\n5,\n",
              """
              {"encoding": "UTF-8", "delimiter": ",", "quote": "\\"", "header": ["id", "text"],
               "text_column": 1, "broken_rows": 3,
               "problems": [{"line": 3, "problem": "expected 2 columns, found 1"},
                            {"line": 4, "problem": "expected 2 columns, found 3"},
                            {"line": 5, "problem": "bad quoting: a quote is not closed"}],
               "rows": [["1", "a"], ["5", ""]]}"""),
          new Read(
              "a header alone",
              CSV,
              "UTF-8",
              "id,text\n",
              """
              {"encoding": "UTF-8", "delimiter": ",", "quote": "\\"", "header": ["id", "text"],
               "text_column": 1, "broken_rows": 0, "problems": [], "rows": []}"""),
          new Read(
              "a charset that is said",
              "text/csv; charset=\"ISO-8859-7\"; header=present",
              "ISO-8859-7",
              "text\n\u03b1\u03b2\n",
              """
              {"encoding": "ISO-8859-7", "delimiter": null, "quote": "\\"", "header": ["text"],
               "text_column": 0, "broken_rows": 0, "problems": [], "rows": [["\u03b1\u03b2"]]}"""));

  @ParameterizedTest
  @FieldSource("READ")
  void answersWithTheRows(Read read) throws Exception {
    byte[] bytes = read.file().getBytes(Charset.forName(read.charset()));
    assertThat(table(post(read.type(), bytes)))
        .as(read.name())
        .isEqualTo(JsonFile.parse(read.answer()));
  }

  @Test
  void namesTheFirstOfManyBrokenRows() throws Exception {
    ObjectNode table = table(post(CSV, "id,text\n1,a\n" + "2\n".repeat(1000)));
    assertThat(table.path("broken_rows").asInt()).isEqualTo(1000);
    assertThat(table.path("problems")).hasSize(Limits.BROKEN_ROWS);
    assertThat(table.path("rows")).hasSize(1);
  }

  record Refused(String type, String file, String message) {}

  private static final String NO_TEXT = "The table: expected text, found ";

  static final List<Refused> REFUSED =
      List.of(
          new Refused(CSV, "", NO_TEXT + "an empty file."),
          new Refused(
              CSV,
              "PK\u0003\u0004xl/worksheets",
              NO_TEXT
                  + "a zip file, such as an Excel workbook (save it as CSV UTF-8) or a pickled"
                  + " model."),
          new Refused(
              BYTES,
              "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
              NO_TEXT + "a Git LFS pointer: `git lfs pull` fetches the file itself."),
          new Refused(
              CSV,
              "<!DOCTYPE html><html>",
              NO_TEXT + "an HTML page: the download gave a page in place of the file."),
          new Refused(
              CSV,
              "id,\u001b[2J\n1,hi\n",
              "The table: expected a header with the text column (text, message, sms, sentence,"
                  + " content, v2), found 'id, [2J'."),
          new Refused(
              CSV,
              "text\na\0b\n",
              "The table: line 2: expected UTF-8 text, found a NUL character (is it UTF-16?)."),
          new Refused(
              "text/csv; charset=utf-16",
              "\ufefftext\n",
              "The table: line 1: expected UTF-16, found the byte order mark of UTF-8."),
          new Refused(
              "text/csv; charset=utf-32",
              "\0\0\0t\0\0\0e\0\0\0x\0\0\0t\0\0\0\n\0\0\1\0",
              "The table: line 2: expected UTF-32 text, found half a surrogate pair."));

  @ParameterizedTest
  @FieldSource("REFUSED")
  void refusesWhatIsNoTable(Refused refused) throws Exception {
    byte[] bytes = refused.file().getBytes(StandardCharsets.UTF_8);
    if (refused.type().endsWith("32")) {
      bytes[bytes.length - 2] = (byte) 0xd8; // the first half of a pair, in place of 0x0100
    }
    assertThat(problem(post(refused.type(), bytes))).isEqualTo(refused.message());
  }

  /** A page of another site may send the first of these without asking the server first. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/plain; charset=utf-8",
        "multipart/form-data; boundary=text/csv",
        "application/x-www-form-urlencoded",
        "",
        "text/plain; text/csv",
        "application/json",
        "text/csv, text/plain",
        "text/csv; charset=nonsense",
        "text/csv; charset=\" \u0007\"",
        "text/csv; charset=utf-8; charset=utf-16"
      })
  void refusesOtherTypes(String type) throws Exception {
    if (type.contains("\u0007")) {
      type = type.replace("\u0007", "?");
    }
    HttpResponse<String> response = post(type.isEmpty() ? null : type, "text\nhi\n");
    assertThat(TestServer.errorCode(response))
        .as(response.body())
        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE.code());
    assertThat(response.body()).contains("Content-Type: expected ").doesNotContain("Exception");
  }

  @Test
  void refusesCompressedFiles() throws Exception {
    HttpRequest request =
        server
            .request("/api/table")
            .header("Content-Type", CSV)
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("text\nhi\n"))
            .build();
    assertThat(TestServer.errorCode(server.send(request)))
        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE.code());
  }

  @Test
  void takesAFileAsLongAsABodyMayBe() throws Exception {
    String row = "caf\u00e9,\"see you\"\r\n";
    int rows = Limits.BODY_BYTES / row.length() - 1;
    String file = "id,text\n" + row.repeat(rows);
    file += "x".repeat(Limits.BODY_BYTES - file.length() - 2) + ",y";
    ObjectNode table = table(post(CSV, file.getBytes(StandardCharsets.ISO_8859_1)));
    assertThat(table.path("rows")).hasSize(rows + 1);
    assertThat(table.at("/rows/" + (rows - 1) + "/0").asText()).isEqualTo("caf\u00e9");
    HttpResponse<String> longer = post(CSV, (file + "z").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(TestServer.errorCode(longer)).isEqualTo(ErrorCode.BODY_TOO_LARGE.code());
    assertThat(longer.statusCode()).isEqualTo(413);
  }

  /** Each row is filled up to the header's width: a small file would have a very large answer. */
  @Test
  void refusesTooManyFields() throws Exception {
    String header = "text" + ",".repeat(16_000) + "\n";
    assertThat(table(post(CSV, header + "a\n".repeat(65))).path("rows")).hasSize(65);
    assertThat(problem(post(CSV, header + "a\n".repeat(100_000))))
        .isEqualTo("The table: expected at most 1048576 fields, found more.");
  }

  @Test
  void everyBodyGetsAnAnswer() throws Exception {
    String[] pieces = {
      ",",
      ";",
      "\t",
      "|",
      "\"",
      "\"\"",
      "'",
      "\n",
      "\r",
      "\r\n",
      "text",
      "label",
      "v1",
      "v2",
      "ham",
      "spam",
      "a",
      " ",
      "",
      "\u00e9",
      "\ud83d\ude00",
      "\0",
      "\ufeff",
      "sep=;",
      "\\",
      "1"
    };
    List<String> types = List.of(CSV, TSV, BYTES, "text/csv; charset=utf-16le");
    Random random = new Random(20261128);
    TreeMap<Integer, Integer> statuses = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(i % 3 == 0 ? "" : "label,text\n");
      for (int n = random.nextInt(60); n > 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
      if (i % 5 == 0 && body.length > 0) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      HttpResponse<String> response = post(types.get(random.nextInt(4)), body);
      assertThat(response.statusCode()).as(response.body()).isIn(200, 400);
      statuses.merge(response.statusCode(), 1, Integer::sum);
      ObjectNode json = JsonFile.parse(response.body());
      if (response.statusCode() == 400) {
        assertThat(problem(response)).matches("The table: [^\n\r]{10,400}\\.");
        continue;
      }
      JsonNode header = json.path("header");
      int width = header.isNull() ? json.at("/rows/0").size() : header.size();
      json.path("rows").forEach(row -> assertThat(row).hasSize(width));
      assertThat(json.path("text_column").asInt()).isLessThan(Math.max(width, 2));
      assertThat(json.path("problems")).hasSizeLessThanOrEqualTo(Limits.BROKEN_ROWS);
    }
    assertThat(statuses.get(200)).as(statuses.toString()).isGreaterThan(500);
    assertThat(statuses.get(400)).as(statuses.toString()).isGreaterThan(200);
  }

  /** What was answered as rows can be classified by one more request. */
  @Test
  void theTextsCanBeClassified() throws Exception {
    ObjectNode table = table(post(CSV, "text\nsee you\nWIN a prize\n"));
    List<String> texts = List.of(table.at("/rows/0/0").asText(), table.at("/rows/1/0").asText());
    assertThat(server.classify(TestServer.texts(texts)).path("results")).hasSize(2);
  }
}
