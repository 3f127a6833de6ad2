package org.gpt2j.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gpt2j.io.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and writes a tokenizer's directory. */
final class TokenizerFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TokenizerFiles.class);

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
      content = TokenizerJson.Content.of(VocabAndMerges.read(vocab, merges));
      source = vocab;
    } else {
      throw new NoSuchFileException(
          dir.toString(), null, "expected tokenizer.json, or vocab.json and merges.txt, in it");
    }
    return assemble(source, content, ConfigFiles.read(dir));
  }

  private static Gpt2Tokenizer assemble(
      Path source, TokenizerJson.Content content, ConfigFiles files) throws IOException {
    AddedVocabulary added = new AddedVocabulary(source, content.model().vocab());
    for (AddedToken token : content.addedTokens()) {
      added.add(token);
    }
    NamedTokens tokens = files.addTo(added, content.padToken());
    TokenizerConfig config =
        new TokenizerConfig(
            tokens,
            files.modelMaxLength(),
            files.truncationSide().or(content::truncationSide).orElse(Side.RIGHT),
            files.paddingSide().or(content::paddingSide).orElse(Side.RIGHT),
            files.addPrefixSpace(content.addPrefixSpace()),
            content.normalization(),
            content.template().orElse(files.template(tokens, added::id)));
    warnOfGpt2Tokenizer(source, content, files);
    try {
      return new Gpt2Tokenizer(content.model(), added.tokens(), config);
    } catch (IllegalArgumentException e) {
      throw new TokenizerFormatException(source + ": " + e.getMessage(), e);
    }
  }

  private static void warnOfGpt2Tokenizer(
      Path source, TokenizerJson.Content content, ConfigFiles files)
      throws TokenizerFormatException {
    boolean normalizes = !content.normalization().forms().isEmpty();
    if (files.asksForGpt2Tokenizer() && (normalizes || content.model().ignoreMerges())) {
      LOG.warn(
          "{}: {} is obeyed, as by tokenizers and transformers 4, but transformers 5 passes it over"
              + " for the tokenizer_class GPT2Tokenizer",
          source,
          normalizes ? "normalizer" : "model.ignore_merges");
    }
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
