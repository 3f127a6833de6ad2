package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.io.KeyTable;

/** The {@code pre_tokenizer} of {@code tokenizer.json}, which must cut text as GPT-2 does. */
final class PreTokenizerJson {
  private static final String KEY = "pre_tokenizer";

  /** The expression by which GPT-2 cuts, from OpenAI's encoder.py. */
  private static final String GPT2_PATTERN =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final KeyTable BYTE_LEVEL_KEYS =
      KeyTable.builder()
          .obeyed("type", "add_prefix_space", "use_regex")
          .withoutEffect("trim_offsets")
          .build();

  private PreTokenizerJson() {}

  /** Whether a text that does not start with a space gets one. */
  static boolean readAddPrefixSpace(Path file, JsonNode node) throws TokenizerFormatException {
    List<JsonNode> steps = new ArrayList<>();
    Json.sequence(file, KEY, node, "pretokenizers").forEach(steps::add);
    boolean cut = steps.size() == 2 && isGpt2Split(steps.get(0));
    if (steps.size() != (cut ? 2 : 1)) {
      throw Json.notSupported(file, KEY + ".type", "ByteLevel", types(steps));
    }
    JsonNode byteLevel = steps.get(steps.size() - 1);
    String type = Json.getText(file, KEY + ".type", byteLevel.path("type"), "nothing");
    if (!type.equals("ByteLevel")) {
      throw Json.notSupported(file, KEY + ".type", "ByteLevel", cut ? types(steps) : type);
    }
    Json.check(file, KEY, BYTE_LEVEL_KEYS, byteLevel);
    boolean useRegex = Json.getBoolean(file, byteLevel, "use_regex", true);
    boolean addPrefixSpace = Json.getBoolean(file, byteLevel, "add_prefix_space", false);
    if (!cut && !useRegex) {
      throw Json.notSupported(file, KEY + ".use_regex", "true", "false");
    }
    if (cut && addPrefixSpace) { // before each piece, not before the text
      throw Json.notSupported(file, KEY + ".add_prefix_space after a Split", "false", "true");
    }
    return addPrefixSpace;
  }

  /** Cut by it first, ByteLevel finds nothing more to cut. */
  private static boolean isGpt2Split(JsonNode step) {
    return step.path("type").asText().equals("Split")
        && step.path("pattern").path("Regex").asText().equals(GPT2_PATTERN)
        && step.path("behavior").asText().equals("Isolated")
        && !step.path("invert").asBoolean();
  }

  private static String types(List<JsonNode> steps) {
    return steps.isEmpty()
        ? "nothing"
        : "Sequence " + steps.stream().map(step -> step.path("type").asText()).toList();
  }

  static void write(ObjectNode node, boolean addPrefixSpace) {
    node.put("type", "ByteLevel");
    node.put("add_prefix_space", addPrefixSpace);
    node.put("trim_offsets", true);
    node.put("use_regex", true);
  }
}
