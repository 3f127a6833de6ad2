package org.gpt2j.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gpt2j.io.AtomicFile;

/** Reads and writes a tokenizer's directory. */
final class TokenizerFiles {
  private TokenizerFiles() {}

  static Gpt2Tokenizer read(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new NoSuchFileException(
          dir.toString(), null, "expected a directory with the files of a tokenizer");
    }
    Path tokenizerJson = dir.resolve(TokenizerJson.NAME);
    Path vocab = dir.resolve(VocabAndMerges.VOCAB_NAME);
    Path merges = dir.resolve(VocabAndMerges.MERGES_NAME);
    TokenizerJson.Content content;
    Path source;
    if (Files.exists(tokenizerJson)) {
      content = TokenizerJson.read(tokenizerJson);
      source = tokenizerJson;
    } else if (Files.exists(vocab) && Files.exists(merges)) {
      content = new TokenizerJson.Content(VocabAndMerges.read(vocab, merges), List.of(), false);
      source = vocab;
    } else {
      throw new NoSuchFileException(
          dir.toString(), null, "expected tokenizer.json, or vocab.json and merges.txt, in it");
    }
    return assemble(source, content, ConfigFiles.read(dir));
  }

  private static Gpt2Tokenizer assemble(
      Path source, TokenizerJson.Content content, ConfigFiles files) throws IOException {
    Map<String, Integer> vocab = content.model().vocab();
    Map<String, AddedToken> added = new LinkedHashMap<>();
    for (List<AddedToken> tokens : List.of(content.addedTokens(), files.addedTokens())) {
      for (AddedToken token : tokens) {
        AddedToken other = added.putIfAbsent(token.content(), token);
        if (other != null && other.id() != token.id()) {
          throw new TokenizerFormatException(
              String.format(
                  "%s: added token \"%s\": expected the same id in all files, found %s and %s",
                  source.getParent(), token.content(), other.id(), token.id()));
        }
      }
    }
    TokenizerConfig config =
        files.config(
            token -> vocab.containsKey(token) || added.containsKey(token),
            content.addPrefixSpace());
    for (Optional<String> named :
        List.of(config.bosToken(), config.eosToken(), config.unkToken(), config.padToken())) {
      named.ifPresent(token -> added.compute(token, (t, old) -> special(t, old, vocab)));
    }
    try {
      return new Gpt2Tokenizer(content.model(), new ArrayList<>(added.values()), config);
    } catch (IllegalArgumentException e) {
      throw new TokenizerFormatException(source + ": " + e.getMessage(), e);
    }
  }

  /** A token that has a role, such as that of the pad token, is special, as in transformers. */
  private static AddedToken special(String token, AddedToken old, Map<String, Integer> vocab) {
    return old == null
        ? new AddedToken(token, vocab.get(token), true, false)
        : new AddedToken(token, old.id(), true, old.normalized());
  }

  /** All files are whole on disk before the first one takes the place of an older one. */
  static void write(Gpt2Tokenizer tokenizer, Path dir) throws IOException {
    AtomicFile.createDirectories(dir);
    Map<Path, AtomicFile.Content> files = new LinkedHashMap<>();
    put(files, dir, VocabAndMerges.VOCAB_NAME, VocabAndMerges.writeVocab(tokenizer.model()));
    put(files, dir, VocabAndMerges.MERGES_NAME, VocabAndMerges.writeMerges(tokenizer.model()));
    put(files, dir, TokenizerJson.NAME, TokenizerJson.write(tokenizer));
    put(files, dir, ConfigFiles.CONFIG_NAME, ConfigFiles.writeConfig(tokenizer));
    put(files, dir, ConfigFiles.SPECIAL_TOKENS_NAME, ConfigFiles.writeSpecialTokensMap(tokenizer));
    AtomicFile.writeAll(files);
  }

  private static void put(
      Map<Path, AtomicFile.Content> files, Path dir, String name, byte[] bytes) {
    files.put(dir.resolve(name), AtomicFile.bytes(bytes));
  }
}
