package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gpt2j.io.ForeignFile;

/** The formats of {@code vocab.json} and {@code merges.txt}, as OpenAI published GPT-2's. */
final class VocabAndMerges {
  static final String VOCAB_NAME = "vocab.json";
  static final String MERGES_NAME = "merges.txt";
  private static final String VERSION_PREFIX = "#version";

  private VocabAndMerges() {}

  static BpeModel read(Path vocabFile, Path mergesFile) throws IOException {
    Map<String, Integer> vocab = vocab(vocabFile, "(top level)", Json.readObject(vocabFile));
    MergeList merges = new MergeList(mergesFile, vocab);
    List<String> lines = lines(mergesFile);
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0 || !lines.get(i).startsWith(VERSION_PREFIX)) {
        merges.add(lines.get(i));
      }
    }
    return merges.toModel(false);
  }

  /**
   * The lines of a text file, whatever ends them, without blanks at their end, empty lines at the
   * file's end and a byte order mark: what editors leave. No token has a blank in it.
   */
  private static List<String> lines(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TokenizerFormatException(file + ": cannot be read: " + e, e);
    }
    Optional<String> other = ForeignFile.describe(bytes);
    if (other.isPresent()) {
      throw new TokenizerFormatException(file + ": expected merges, found " + other.get());
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TokenizerFormatException(file + ": expected UTF-8 text, found other bytes", e);
    }
    String whole = text.startsWith("\uFEFF") ? text.substring(1) : text;
    return whole.stripTrailing().lines().map(String::stripTrailing).toList();
  }

  /** A vocabulary, token string to id, checked: each id is an int of 0 or more and used once. */
  static Map<String, Integer> vocab(Path file, String key, JsonNode node)
      throws TokenizerFormatException {
    if (!node.isObject()) {
      throw Json.wrong(file, key, "an object of token to id", node);
    }
    Map<String, Integer> vocab = new HashMap<>();
    Map<Integer, String> used = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      int id = Json.id(file, key + "[" + entry.getKey() + "]", entry.getValue());
      String other = used.put(id, entry.getKey());
      if (other != null) {
        throw new TokenizerFormatException(
            String.format(
                "%s: key \"%s\": expected one token per id, found id %s for both \"%s\" and \"%s\"",
                file, key, id, Json.shown(other), Json.shown(entry.getKey())));
      }
      vocab.put(entry.getKey(), id);
    }
    return vocab;
  }

  /** The vocabulary as an object in the order of the ids. */
  static ObjectNode vocabNode(Map<String, Integer> vocab) {
    ObjectNode node = Json.newObject();
    vocab.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> node.put(entry.getKey(), entry.getValue()));
    return node;
  }

  static byte[] writeVocab(BpeModel model) throws IOException {
    return new JsonMapper().writeValueAsBytes(vocabNode(model.vocab()));
  }

  static byte[] writeMerges(BpeModel model) {
    StringBuilder text = new StringBuilder(VERSION_PREFIX + ": 0.2\n");
    for (long merge : model.merges()) {
      text.append(model.mergeText(merge)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
