package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.KeyTable;

/** The {@code model} of {@code tokenizer.json}, which must be byte-level BPE. */
final class BpeJson {
  /** All 256 bytes are tokens, so that nothing is ever unknown. */
  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("type", "vocab", "merges", "ignore_merges", "dropout", "byte_fallback")
          .obeyed("continuing_subword_prefix", "end_of_word_suffix")
          .withoutEffect("unk_token", "fuse_unk")
          .build();

  private BpeJson() {}

  static BpeModel read(Path file, JsonNode model) throws TokenizerFormatException {
    if (!model.isObject()) {
      throw Json.wrong(file, "model", "an object", model);
    }
    Json.check(file, "model", KEYS, model);
    // Files from before tokenizers 0.7 have no type; vocab and merges tell that they are BPE.
    String type = Json.getText(file, "model.type", model.path("type"), "BPE");
    if (!type.equals("BPE")) {
      throw Json.notSupported(file, "model.type", "BPE", type);
    }
    for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(key);
      if (!Json.getText(file, "model." + key, value, "").isEmpty()) {
        throw Json.notSupported(file, "model." + key, "\"\"", value.toString());
      }
    }
    if (Json.getBoolean(file, model, "byte_fallback", false)) {
      throw Json.notSupported(file, "model.byte_fallback", "false", "true");
    }
    JsonNode dropout = model.path("dropout");
    if (!Json.isAbsent(dropout) && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
      throw Json.notSupported(file, "model.dropout", "null", dropout.toString());
    }
    Map<String, Integer> vocab = VocabAndMerges.vocab(file, "model.vocab", model.path("vocab"));
    return readMerges(file, model.path("merges"), new MergeList(file, vocab))
        .toModel(Json.getBoolean(file, model, "ignore_merges", false));
  }

  private static MergeList readMerges(Path file, JsonNode list, MergeList merges)
      throws TokenizerFormatException {
    if (!list.isArray()) {
      throw Json.wrong(file, "model.merges", "a list", list);
    }
    for (JsonNode merge : list) {
      if (merge.isTextual()) {
        merges.add(merge.textValue());
      } else if (merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual()) {
        merges.add(merge.path(0).textValue(), merge.path(1).textValue());
      } else {
        throw Json.wrong(file, "model.merges", "\"a b\" or [\"a\", \"b\"]", merge);
      }
    }
    return merges;
  }

  static void write(BpeModel bpe, ObjectNode model) {
    model.put("type", "BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", bpe.ignoreMerges());
    model.set("vocab", VocabAndMerges.vocabNode(bpe.vocab()));
    ArrayNode merges = model.putArray("merges");
    // "a b" strings, since tokenizers before 0.20 cannot read pairs and later ones read both.
    for (long merge : bpe.merges()) {
      merges.add(bpe.mergeText(merge));
    }
  }
}
