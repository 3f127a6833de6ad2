package org.gpt2j.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.Printable;
import org.gpt2j.training.data.DataFileException;
import org.gpt2j.training.data.TableFormat;
import org.gpt2j.training.data.TableLayout;
import org.gpt2j.training.data.TableReader;
import org.gpt2j.training.data.TableRow;

/**
 * {@code POST /api/table}: the rows of a file, read as the programs read tables, for whoever would
 * classify their texts. The file is read twice, so that no more of it is in memory than the body:
 * once to its end, since what is wrong with it must be known before the answer begins, and once to
 * answer.
 */
final class TableHandler implements Handler {
  /** An answer that fails half-way must not look like a whole one. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_CONTENT).build();

  /** What the file is called, by which a CSV file is told from plain lines, of each type. */
  private static final Map<String, String> NAMES =
      Map.of(
          "text/csv", "upload.csv",
          "text/tab-separated-values", "upload.tsv",
          "application/octet-stream", "upload");

  private static final String TYPES =
      "text/csv, text/tab-separated-values or application/octet-stream";

  /** Bytes of the heap for each of a file: a copy, and a field that is all of it, as it grows. */
  private static final long HEAP_PER_BYTE = 12;

  /** More for those at the start, in which the layout is looked for: each may be a field. */
  private static final long HEAP_PER_FIRST_BYTE = 48;

  private static final int FIRST_BYTES = 1 << 18;

  private final BodyReader bodies;

  TableHandler(BodyReader bodies) {
    this.bodies = bodies;
  }

  /** Rows that cannot be read: how many, and the first of them. */
  private record Broken(int count, List<TableRow> first) {}

  @Override
  public void handle(Call call) throws ApiException, IOException {
    MediaType type = MediaType.ofBody(call, t -> NAMES.containsKey(t.essence()), TYPES);
    TableFormat format = TableFormat.FOUND.withEncoding(type.charset());
    String name = NAMES.get(type.essence());
    bodies.read(
        call,
        body -> {
          int size = body.available();
          call.memory()
              .take(HEAP_PER_BYTE * size + HEAP_PER_FIRST_BYTE * Math.min(size, FIRST_BYTES));
          Broken broken = check(name, body, format);
          body.reset();
          try (TableReader table = TableReader.texts(name, body, format);
              JsonGenerator json = FACTORY.createGenerator(call.stream(Call.JSON))) {
            write(table, broken, json);
          }
          return null;
        });
  }

  /** Reads a table to its end. */
  private static Broken check(String name, InputStream body, TableFormat format)
      throws ApiException, IOException {
    int count = 0;
    List<TableRow> first = new ArrayList<>();
    try (TableReader table = TableReader.texts(name, body, format)) {
      int fields = 0;
      for (TableRow row = table.next(); row != null; row = table.next()) {
        fields += row.fields().size();
        if (fields > Limits.FIELDS) {
          throw invalid("expected at most " + Limits.FIELDS + " fields, found more");
        }
        if (row.problem() != null && count++ < Limits.BROKEN_ROWS) {
          first.add(row);
        }
      }
    } catch (DataFileException e) {
      throw invalid(e.problem());
    }
    return new Broken(count, first);
  }

  private static ApiException invalid(String problem) {
    return new ApiException(ErrorCode.INVALID_TABLE, "The table: " + Printable.line(problem) + ".");
  }

  private static void write(TableReader table, Broken broken, JsonGenerator json)
      throws IOException {
    TableLayout layout = table.layout();
    json.writeStartObject();
    json.writeStringField("encoding", layout.encoding().name());
    writeCharacter("delimiter", layout.delimiter(), json);
    writeCharacter("quote", layout.quote(), json);
    json.writeFieldName("header");
    if (layout.header().isEmpty()) {
      json.writeNull();
    } else {
      writeFields(layout.header(), json);
    }
    json.writeNumberField("text_column", layout.textColumn());
    json.writeNumberField("broken_rows", broken.count());
    json.writeArrayFieldStart("problems");
    for (TableRow row : broken.first()) {
      json.writeStartObject();
      json.writeNumberField("line", row.line());
      json.writeStringField("problem", Printable.line(row.problem()));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("rows");
    for (TableRow row = table.next(); row != null; row = table.next()) {
      if (row.problem() == null) {
        writeFields(row.fields(), json);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** A character of the layout; null where there is none. */
  private static void writeCharacter(String key, char c, JsonGenerator json) throws IOException {
    json.writeStringField(key, c == TableFormat.NO_QUOTE ? null : String.valueOf(c));
  }

  private static void writeFields(List<String> fields, JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (String field : fields) {
      json.writeString(field);
    }
    json.writeEndArray();
  }
}
