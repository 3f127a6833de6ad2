package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The {@code TemplateProcessing} of {@code tokenizer.json}: tokens that every text gets at its
 * start and its end. Not to be changed.
 *
 * @param before ids at the start
 * @param after ids at the end
 */
record Template(int[] before, int[] after) {
  static final Template NONE = new Template(new int[0], new int[0]);

  /** The key under which the file gives the template of one text; the other one is for pairs. */
  private static final String SINGLE = "single";

  int length() {
    return before.length + after.length;
  }

  /**
   * At most so many of the ids of a text, the template's kept as long as there is room for all of
   * them.
   */
  int[] truncate(int[] ids, int maxLength, Side side) {
    int kept = maxLength - length();
    if (kept < 0) {
      return Arrays.copyOf(ids, maxLength);
    }
    int from = side == Side.RIGHT ? before.length : ids.length - after.length - kept;
    int[] result = new int[maxLength];
    System.arraycopy(before, 0, result, 0, before.length);
    System.arraycopy(ids, from, result, before.length, kept);
    System.arraycopy(after, 0, result, before.length + kept, after.length);
    return result;
  }

  /**
   * @throws IllegalArgumentException where an id is none of a token
   */
  void check(IntPredicate isToken) {
    IntStream.concat(Arrays.stream(before), Arrays.stream(after))
        .filter(isToken.negate())
        .findFirst()
        .ifPresent(
            id -> {
              throw new IllegalArgumentException(
                  "post_processor: expected ids of tokens, found " + id);
            });
  }

  static Template read(Path file, JsonNode node) throws TokenizerFormatException {
    JsonNode single = node.path(SINGLE);
    if (!single.isArray()) {
      throw Json.wrong(file, "post_processor.single", "a list", single);
    }
    IntList before = new IntList(4);
    IntList after = new IntList(4);
    boolean text = false;
    for (JsonNode piece : single) {
      JsonNode special = piece.path("SpecialToken").path("id");
      if (special.isTextual()) {
        addIds(file, node, special.textValue(), text ? after : before);
      } else if (!text && piece.path("Sequence").path("id").asText().equals("A")) {
        text = true;
      } else {
        throw Json.wrong(
            file, "post_processor.single", "SpecialToken, or Sequence \"A\" once", piece);
      }
    }
    if (!text) {
      throw Json.wrong(file, "post_processor.single", "Sequence \"A\" once", single);
    }
    return new Template(before.toArray(), after.toArray());
  }

  private static void addIds(Path file, JsonNode node, String token, IntList out)
      throws TokenizerFormatException {
    JsonNode ids = node.path("special_tokens").path(token).path("ids");
    if (!ids.isArray()) {
      throw Json.wrong(
          file, "post_processor.special_tokens[" + token + "].ids", "a list of token ids", ids);
    }
    for (JsonNode id : ids) {
      out.add(Json.id(file, "post_processor.special_tokens[" + token + "].ids", id));
    }
  }

  /** The processor's JSON; {@code token} gives the token of an id. */
  ObjectNode toJson(IntFunction<String> token) {
    ObjectNode node = Json.newObject().put("type", "TemplateProcessing");
    ArrayNode single = node.putArray(SINGLE);
    addTokens(single, before, token);
    addText(single, "A");
    addTokens(single, after, token);
    ArrayNode pair = node.putArray("pair");
    pair.addAll(single);
    addText(pair, "B");
    addTokens(pair, after, token);
    ObjectNode specialTokens = node.putObject("special_tokens");
    for (int[] ids : new int[][] {before, after}) {
      for (int id : ids) {
        ObjectNode special = specialTokens.putObject(token.apply(id));
        special.put("id", token.apply(id));
        special.putArray("ids").add(id);
        special.putArray("tokens").add(token.apply(id));
      }
    }
    return node;
  }

  private static void addText(ArrayNode pieces, String name) {
    pieces.addObject().putObject("Sequence").put("id", name).put("type_id", 0);
  }

  private static void addTokens(ArrayNode pieces, int[] ids, IntFunction<String> token) {
    for (int id : ids) {
      pieces.addObject().putObject("SpecialToken").put("id", token.apply(id)).put("type_id", 0);
    }
  }
}
