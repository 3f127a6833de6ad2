package org.gpt2j.safetensors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gpt2j.io.ForeignFile;
import org.gpt2j.io.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights that lie beside those that are read, such as a bias that a stranger keeps in a file of
 * its own: they are named, so that nobody believes them to be in the model.
 */
public final class UnreadWeights {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadWeights.class);

  /**
   * What transformers, peft and accelerate keep there by names of theirs: the same weights in
   * parts, in another precision or format, an adapter, and what a training goes on from.
   */
  private static final Pattern KNOWN =
      Pattern.compile(
          "(model|pytorch_model|adapter_model|optimizer|scheduler|sampler|dl_state_dict"
              + "|training_args)([.-].*|_\\d+\\..*)");

  private static final int MOST_NAMED = 20;

  private UnreadWeights() {}

  /**
   * Names in a warning what else a directory has: files whose names end in .safetensors, and
   * pickled ones whose names end in .bin.
   *
   * @param weights what is read: a file in that directory
   * @param read names of the files that are read, that one or its parts
   */
  public static void warn(Path weights, Set<String> read) {
    List<String> unread;
    try (Stream<Path> files = Files.list(weights.toAbsolutePath().getParent())) {
      unread =
          files
              .filter(file -> !read.contains(file.getFileName().toString()))
              .filter(file -> !KNOWN.matcher(file.getFileName().toString()).matches())
              .filter(UnreadWeights::isWeights)
              .map(file -> Printable.line(file.getFileName().toString()))
              .sorted()
              .toList();
    } catch (IOException | UncheckedIOException e) {
      return; // files can be read where the directory cannot
    }
    if (!unread.isEmpty()) {
      String more = unread.size() > MOST_NAMED ? ", ..." : "";
      LOG.warn(
          "{}: weights that lie beside it are not read: {}{}",
          weights,
          unread.stream().limit(MOST_NAMED).collect(Collectors.joining(", ")),
          more);
    }
  }

  private static boolean isWeights(Path file) {
    String name = file.getFileName().toString();
    if (!Files.isRegularFile(file)) {
      return false;
    }
    return name.endsWith(".safetensors") || name.endsWith(".bin") && isPickle(file);
  }

  /** Whether it is what torch.save writes, by its first bytes. */
  private static boolean isPickle(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return ForeignFile.describe(in.readNBytes(ForeignFile.HEAD))
          .filter(found -> found.contains("pickle"))
          .isPresent();
    } catch (IOException e) {
      return false;
    }
  }
}
