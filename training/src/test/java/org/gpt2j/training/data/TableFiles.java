package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What tests of tables share: files in a directory of the test's own, and what is read of them. */
abstract class TableFiles {
  static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  @TempDir Path directory;
  final StringWriter notes = new StringWriter();

  Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  Path file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  List<LabeledText> read(Path file, TableFormat format) throws IOException {
    return new TextTable(format, 0).read(file, new PrintWriter(notes));
  }

  static LabeledText row(String label, String text) {
    return new LabeledText(label, text);
  }
}
