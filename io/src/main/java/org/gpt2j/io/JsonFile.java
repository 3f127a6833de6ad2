package org.gpt2j.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * JSON files as the Hugging Face libraries write them: Python's {@code json.dumps(indent=2,
 * sort_keys=True)}, ASCII only. Numbers keep their value, not their spelling (1e-05 may become
 * 1.0E-5).
 */
public final class JsonFile {
  /** Text order, but whole numbers by value: Python sorts the integer keys of id2label so. */
  private static final Comparator<String> KEY_ORDER =
      Comparator.comparingInt(
              (String key) -> key.matches("\\d+") ? key.length() : Integer.MAX_VALUE)
          .thenComparing(Comparator.naturalOrder());

  private JsonFile() {}

  /** Made when a file is written: who only reads does not wait for a mapper. */
  private static final class Writer {
    static final ObjectWriter INSTANCE =
        JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .build()
            .writer(
                new DefaultPrettyPrinter(
                        Separators.createDefaultInstance()
                            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator(""))
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));
  }

  /**
   * Reads a file that holds one JSON object; a byte order mark before it is left out.
   *
   * @throws IOException naming the file, if it cannot be read, is not UTF-8, is not valid JSON, has
   *     duplicate keys or is not an object; where its bytes tell what it is instead, such as a Git
   *     LFS pointer, that is named
   */
  public static ObjectNode read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": expected a file, found a directory");
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e, e);
    }
    Optional<String> other = ForeignFile.describe(bytes);
    if (other.isPresent()) {
      throw new IOException(file + ": expected JSON, found " + other.get());
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not valid UTF-8", e);
    }
    if (text.startsWith("\uFEFF")) { // a byte order mark
      text = text.substring(1);
    }
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Parses a text that holds one JSON object.
   *
   * @throws IllegalArgumentException if it is not valid JSON, has duplicate keys or is not an
   *     object
   */
  public static ObjectNode parse(String text) {
    JsonNode node;
    try {
      node = JsonTree.read(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(sentence(e), e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    String found =
        node.isMissingNode() ? "an empty text" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    throw new IllegalArgumentException("expected a JSON object, found " + found);
  }

  /** What is wrong with a text that Jackson cannot read, and in which line. */
  public static String sentence(JsonProcessingException e) {
    String where = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
    String what =
        e.getOriginalMessage()
            .replaceFirst("(?s) \\(start marker at.*", "")
            .replaceFirst(", from `StreamReadConstraints.*?`", "")
            // Jackson's advice to who programs with it.
            .replaceFirst(": enable `JsonReadFeature.*?` to allow", "")
            .replaceFirst(" \\(not recognized as one since Feature .*?\\)", "");
    return "not valid JSON" + where + ": " + what;
  }

  /** The text of an object: keys sorted, indented by 2, a newline at the end. */
  public static String text(ObjectNode object) {
    try {
      return Writer.INSTANCE.writeValueAsString(sorted(object)) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot fail to be written", e);
    }
  }

  /** Writes {@link #text} to a file as {@link AtomicFile} does. */
  public static void write(Path file, ObjectNode object) throws IOException {
    AtomicFile.write(file, AtomicFile.bytes(text(object).getBytes(StandardCharsets.US_ASCII)));
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      var array = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> array.add(sorted(item)));
      return array;
    }
    if (!node.isObject()) {
      return node;
    }
    var fields = new TreeMap<String, JsonNode>(KEY_ORDER);
    node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.setAll(fields);
    return object;
  }
}
