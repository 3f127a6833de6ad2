package org.gpt2j.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header, read as a stream (a hostile 100 MB header must not become a tree of objects) and
 * validated in the order of the reference implementation (huggingface/safetensors, tensor.rs).
 *
 * <p>Stricter than the reference in three places: duplicate keys, a tensor or dtype written in one
 * of serde's other forms (array, enum object) and sizes above 2^63-1 are refused.
 *
 * @param metadata the {@code __metadata__} entry in file order, empty when there is none
 * @param tensors by name, ordered by their place in the file
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
  /** The reference implementation's MAX_HEADER_SIZE, in bytes. */
  static final int MAX_LENGTH = 100_000_000;

  static final String METADATA_KEY = "__metadata__";

  /** serde_json's recursion limit. */
  private static final int MAX_NESTING = 128;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from outside: no shared symbol table that they could flood.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxNameLength(MAX_LENGTH)
                  .maxStringLength(MAX_LENGTH)
                  .build())
          .build();

  /**
   * Parses and validates a header.
   *
   * @param file what to call the file in messages
   * @param json the header's bytes
   * @param dataLength bytes in the file after the header
   */
  static SafetensorsHeader parse(String file, ByteBuffer json, long dataLength)
      throws SafetensorsException {
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(json);
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(file + ": the header is not valid UTF-8", e);
    }
    SafetensorsHeader header;
    try (JsonParser parser = JSON.createParser(text.array(), 0, text.limit())) {
      header = new Reading(file, parser).header();
    } catch (SafetensorsException e) {
      throw e;
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(
          file + ": the header is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new SafetensorsException(file + ": the header cannot be read: " + e.getMessage(), e);
    }
    header.validate(file, dataLength);
    return header;
  }

  private void validate(String file, long dataLength) throws SafetensorsException {
    long start = 0;
    for (TensorInfo t : tensors.values()) {
      if (t.begin() != start || t.end() < t.begin()) {
        throw new SafetensorsException(
            "%s: tensor `%s` has invalid data_offsets [%s, %s]: expected to begin at %s, with no hole or overlap"
                .formatted(file, t.name(), t.begin(), t.end(), start));
      }
      start = t.end();
      checkSize(file, t);
    }
    if (start != dataLength) {
      throw new SafetensorsException(
          "%s: the tensors cover %s bytes but %s follow the header: the file is truncated or has extra bytes"
              .formatted(file, start, dataLength));
    }
  }

  private static void checkSize(String file, TensorInfo t) throws SafetensorsException {
    long bits = 1;
    try {
      for (long size : t.shape()) {
        bits = Math.multiplyExact(bits, size);
      }
      bits = Math.multiplyExact(bits, t.dtype().bits());
    } catch (ArithmeticException e) {
      throw new SafetensorsException(
          "%s: tensor `%s` has a shape too large to count its elements".formatted(file, t.name()),
          e);
    }
    if (bits % 8 != 0) {
      throw new SafetensorsException(
          "%s: tensor `%s` of %s does not end at a byte boundary"
              .formatted(file, t.name(), t.dtype()));
    }
    if (t.byteLength() != bits / 8) {
      throw new SafetensorsException(
          "%s: tensor `%s` has %s bytes of data but its shape and dtype %s need %s"
              .formatted(file, t.name(), t.byteLength(), t.dtype(), bits / 8));
    }
  }

  /** The parser of one header, with the file's name for messages. */
  private record Reading(String file, JsonParser parser) {

    SafetensorsHeader header() throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refuse("the header must be a JSON object");
      }
      Map<String, String> metadata = Map.of();
      List<TensorInfo> tensors = new ArrayList<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = text(parser.currentName());
        parser.nextToken();
        if (key.equals(METADATA_KEY)) {
          metadata = metadata();
        } else {
          tensors.add(tensor(key));
        }
      }
      if (parser.nextToken() != null) {
        throw refuse("the header goes on after its closing brace");
      }
      // Offsets order; the sort is stable, so empty tensors at one place keep the header's order.
      tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparing(TensorInfo::end));
      Map<String, TensorInfo> byName = new LinkedHashMap<>(tensors.size() * 2);
      tensors.forEach(t -> byName.put(t.name(), t));
      return new SafetensorsHeader(metadata, Collections.unmodifiableMap(byName));
    }

    private Map<String, String> metadata() throws IOException {
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return Map.of();
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw refuse("__metadata__ must be an object of strings");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = text(parser.currentName());
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw refuse("__metadata__ entry `" + key + "` must be a string");
        }
        metadata.put(key, text(parser.getText()));
      }
      return Collections.unmodifiableMap(metadata);
    }

    private TensorInfo tensor(String name) throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw refuse(name, "must be an object with dtype, shape and data_offsets");
      }
      DType dtype = null;
      long[] shape = null;
      long[] offsets = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "dtype" -> dtype = dtype(name, value);
          case "shape" -> shape = sizes(name, field);
          case "data_offsets" -> offsets = sizes(name, field);
          default -> parser.skipChildren();
        }
      }
      if (dtype == null || shape == null || offsets == null) {
        String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
        throw refuse(name, "lacks the field " + missing);
      }
      if (offsets.length != 2) {
        throw refuse(name, "must have two data_offsets, found " + offsets.length);
      }
      return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
    }

    private DType dtype(String name, JsonToken value) throws IOException {
      if (value != JsonToken.VALUE_STRING) {
        throw refuse(name, "must have a string as dtype");
      }
      String dtype = parser.getText();
      return DType.ofName(dtype)
          .orElseThrow(() -> refuse(name, "has the unknown dtype `" + dtype + "`"));
    }

    private long[] sizes(String name, String field) throws IOException {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw refuse(name, "must have an array as " + field);
      }
      long[] sizes = new long[8];
      int n = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
            || parser.getText().startsWith("-")) {
          throw refuse(name, "must have whole numbers of at least 0 in " + field);
        }
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw refuse(name, "has a number in " + field + " too large to count its elements");
        }
        if (n == sizes.length) {
          sizes = Arrays.copyOf(sizes, 2 * n);
        }
        sizes[n++] = parser.getLongValue();
      }
      return Arrays.copyOf(sizes, n);
    }

    /** A string with an unpaired surrogate escape has no UTF-8 form, so it is not valid text. */
    private String text(String s) throws SafetensorsException {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(s)) {
        throw refuse("the header holds a string with an unpaired surrogate");
      }
      return s;
    }

    private SafetensorsException refuse(String tensor, String why) {
      return refuse("tensor `" + tensor + "` " + why);
    }

    private SafetensorsException refuse(String why) {
      return new SafetensorsException(file + ": " + why);
    }
  }
}
