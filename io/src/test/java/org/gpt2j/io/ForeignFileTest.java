package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignFileTest {
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n";

  @Test
  void namesWhatIsPacked() throws IOException {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      out.putNextEntry(new ZipEntry("xl/workbook.xml"));
    }
    assertThat(ForeignFile.describe(zip.toByteArray()).orElseThrow()).contains("Excel");
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    new GZIPOutputStream(gzip).close();
    assertThat(ForeignFile.describe(gzip.toByteArray()).orElseThrow()).contains("gunzip");
  }

  @ParameterizedTest
  @CsvSource({
    "d0cf11e0a1b11ae1, old Excel",
    "425a683931415926, bunzip2",
    "fd377a585a0000, unxz",
    "28b52ffd00, unzstd",
    "377abcaf271c, 7z",
    "255044462d312e37, PDF",
    "5041523115041500, Parquet",
    "80027d7100, pickle"
  })
  void namesWhatIsBinary(String hex, String word) {
    assertThat(ForeignFile.describe(HexFormat.of().parseHex(hex)).orElseThrow()).contains(word);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<!DOCTYPE html><p>", "\n <HTML>", "\uFEFF<!doctype HTML>"})
  void namesPages(String text) {
    assertThat(ForeignFile.describe(text.getBytes(StandardCharsets.UTF_8)).orElseThrow())
        .contains("HTML page");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "P",
        "{\"a\": 1}",
        "ham\thi <html>",
        "version 2",
        "PK is short",
        "BZh",
        "%PDF"
      })
  void leavesTextsAlone(String text) {
    assertThat(ForeignFile.describe(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void jsonFilesAreRefusedByWhatTheyAre(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("config.json");
    Files.writeString(file, POINTER);
    assertThatThrownBy(() -> JsonFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + ": expected JSON, found a Git LFS pointer: `git lfs pull` fetches the file itself");
    Files.writeString(file, "\uFEFF{\"a\": NaN}");
    assertThat(JsonFile.text(JsonFile.read(file))).isEqualTo("{\n  \"a\": NaN\n}\n");
  }
}
