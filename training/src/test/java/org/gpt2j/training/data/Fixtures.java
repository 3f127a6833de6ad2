package org.gpt2j.training.data;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.gpt2j.testing.SharedData;

/** Where the test data lies. */
public final class Fixtures {
  private Fixtures() {}

  /** A file made by fixtures/data/make_data_fixtures.py or written by hand beside it. */
  public static Path path(String name) {
    try {
      return Path.of(Fixtures.class.getResource("/fixtures/data/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The tab-separated rows of a golden file. */
  static List<String[]> rows(String name) throws IOException {
    return Files.readAllLines(path(name)).stream().map(line -> line.split("\t", -1)).toList();
  }

  /** The UCI file; skips the test if it is not there, or fails it in CI where it must be. */
  public static Path uciCollection() {
    return SharedData.require("data/SMSSpamCollection");
  }

  static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
