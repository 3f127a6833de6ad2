package org.gpt2j.tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the added tokens of a tokenizer's files and gives those that are new their ids, as
 * tokenizers' added_vocabulary.rs does: a token of the vocabulary keeps its id, each other one gets
 * the next that is free at the end, whatever the file says.
 */
final class AddedVocabulary {
  private static final Logger LOG = LoggerFactory.getLogger(AddedVocabulary.class);

  private final Path source;
  private final Map<String, Integer> vocab;
  private final Map<String, AddedToken> tokens = new LinkedHashMap<>();

  /** The id that a file gave a token. */
  private final Map<String, Integer> declared = new HashMap<>();

  private int next;

  /**
   * @param source the vocabulary's file, for warnings and errors
   * @param vocab token string to id
   */
  AddedVocabulary(Path source, Map<String, Integer> vocab) {
    this.source = source;
    this.vocab = vocab;
    this.next = vocab.size();
  }

  /**
   * Adds a token, or gives one that is there these flags.
   *
   * @throws TokenizerFormatException where another file gives the token another id, or the id is
   *     not that of the vocabulary
   */
  void add(AddedToken token) throws TokenizerFormatException {
    String content = token.content();
    AddedToken old = tokens.get(content);
    int id = old != null ? old.id() : vocab.getOrDefault(content, next);
    if (token.id() != AddedToken.NO_ID) {
      checkId(token, id);
    }
    next = Math.max(next, id + 1);
    boolean special = token.special() || old != null && old.special();
    tokens.put(content, (special ? token.asSpecial() : token).withId(id));
  }

  private void checkId(AddedToken token, int id) throws TokenizerFormatException {
    Integer other = declared.put(token.content(), token.id());
    if (other != null && other != token.id()) {
      throw new TokenizerFormatException(
          String.format(
              "%s: added token \"%s\": expected the same id in all files, found %s and %s",
              source.getParent(), Json.shown(token.content()), other, token.id()));
    }
    if (token.id() > Gpt2Tokenizer.LARGEST_ID) {
      throw new TokenizerFormatException(
          String.format(
              "%s: added token \"%s\": expected an id up to %s, found %s",
              source, Json.shown(token.content()), Gpt2Tokenizer.LARGEST_ID, token.id()));
    }
    if (vocab.containsKey(token.content()) && token.id() != id) {
      throw new TokenizerFormatException(
          String.format(
              "%s: added token \"%s\": expected id %s as in the vocabulary, found %s",
              source, Json.shown(token.content()), id, token.id()));
    }
    if (other == null && token.id() != id) {
      LOG.warn(
          "{}: added token \"{}\": the file gives it id {}, but the next one that is free is {},"
              + " which it gets here, as in tokenizers",
          source.getParent(),
          Json.shown(token.content()),
          token.id(),
          id);
    }
  }

  /** Makes sure that a token which has a role is there, as a special one. */
  void addSpecial(AddedToken token) throws TokenizerFormatException {
    AddedToken old = tokens.get(token.content());
    add((old == null ? token : old.withId(AddedToken.NO_ID)).asSpecial());
  }

  /** Whether a string is a token, of the vocabulary or an added one. */
  boolean contains(String token) {
    return vocab.containsKey(token) || tokens.containsKey(token);
  }

  /** Id of a token that is there. */
  int id(String token) {
    AddedToken added = tokens.get(token);
    return added != null ? added.id() : vocab.get(token);
  }

  List<AddedToken> tokens() {
    return new ArrayList<>(tokens.values());
  }
}
