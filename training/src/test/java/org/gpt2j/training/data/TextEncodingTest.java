package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables in encodings that are said or found out, and bytes that are no text in them. */
class TextEncodingTest extends TableFiles {
  @Test
  void oneLateByteMakesAFileWindows1252() throws IOException {
    String rows = "ham,see you at home\n".repeat(15_000);
    byte[] bytes = ("label,text\n" + rows + "spam,win \u00A35\n").getBytes(WINDOWS_1252);
    assertThat(read(file("x.csv", bytes), TableFormat.FOUND))
        .hasSize(15_001)
        .endsWith(row("spam", "win \u00A35"));
    assertThat(notes.toString()).contains("line 15002: expected UTF-8, found the byte 0xA3");
  }

  /** Five bytes have no character in Windows-1252; browsers read them as controls. */
  @Test
  void everyByteIsACharacterOfAGuessedEncoding() throws IOException {
    byte[] bytes = Arrays.copyOf("ham,".getBytes(StandardCharsets.US_ASCII), 4 + 128);
    for (int i = 0; i < 128; i++) {
      bytes[4 + i] = (byte) (128 + i);
    }
    StringBuilder expected = new StringBuilder();
    for (int i = 128; i < 256; i++) {
      String c = new String(new byte[] {(byte) i}, WINDOWS_1252);
      expected.append(c.equals("\uFFFD") ? String.valueOf((char) i) : c);
    }
    assertThat(read(file("x.csv", bytes), TableFormat.FOUND))
        .containsExactly(row("ham", expected.toString()));
  }

  @Test
  void utf8WithADamagedByteIsNotGuessedAt() throws IOException {
    byte[] bytes =
        "label,text\nham,gr\u00fc\u00dfe\nspam,caf\u00e9\n".getBytes(StandardCharsets.UTF_8);
    Path cut = file("x.csv", Arrays.copyOf(bytes, bytes.length - 2));
    assertThatThrownBy(() -> read(cut, TableFormat.FOUND))
        .isInstanceOf(DataFileException.class)
        .hasMessage(
            cut
                + ": line 3: expected UTF-8, found the byte 0xC3 where no character can start or go"
                + " on, among 2 characters that are UTF-8; --encoding windows-1252 reads them all as"
                + " that");
  }

  @Test
  void anEncodingThatIsSaidMustFit() throws IOException {
    Path latin1 = file("x.csv", "label,text\nham,caf\u00e9\n".getBytes(WINDOWS_1252));
    assertThatThrownBy(() -> read(latin1, TableFormat.FOUND.withEncoding(StandardCharsets.UTF_8)))
        .hasMessage(
            latin1
                + ": line 2: expected UTF-8, found the byte 0xE9 where no character can start or go"
                + " on");
    assertThat(read(latin1, TableFormat.FOUND.withEncoding(WINDOWS_1252)))
        .containsExactly(row("ham", "caf\u00e9"));
    Path marked = file("y.csv", "\uFEFFlabel,text\nham,a\n");
    assertThatThrownBy(() -> read(marked, TableFormat.FOUND.withEncoding(WINDOWS_1252)))
        .hasMessage(marked + ": line 1: expected windows-1252, found the byte order mark of UTF-8");
    assertThat(read(marked, TableFormat.FOUND.withEncoding(StandardCharsets.UTF_8))).hasSize(1);
    Path utf16 = file("z.csv", "\uFEFFlabel,text\nham,a\n".getBytes(StandardCharsets.UTF_16BE));
    assertThat(read(utf16, TableFormat.FOUND.withEncoding(StandardCharsets.UTF_16))).hasSize(1);
    assertThat(notes.toString()).isEmpty();
  }

  @Test
  void refusesNulByItsLine() throws IOException {
    Path nul = file("x.csv", "label,text\nham,a\nspam,b\0c\n");
    assertThatThrownBy(() -> read(nul, TableFormat.FOUND))
        .hasMessage(nul + ": line 3: expected UTF-8 text, found a NUL character (is it UTF-16?)");
  }

  /** The JDK decodes half a pair where the encoding has a number for it. */
  @Test
  void refusesHalfASurrogatePairByItsLine() throws IOException {
    Charset utf32 = Charset.forName("UTF-32BE");
    String good = "label,text\nham,\ud83d\ude00\n" + "ham,\ud83d\ude00 hi\n".repeat(9000);
    TableFormat format = TableFormat.FOUND.withEncoding(utf32);
    assertThat(read(file("x.csv", good.getBytes(utf32)), format)).hasSize(9001);
    for (byte[] half : List.of(new byte[] {0, 0, (byte) 0xd8, 0x3d}, new byte[] {0, 0, -36, 0})) {
      for (String rest : List.of("", "a", "\n", "\ud83d\ude00")) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("label,text\nham,a\nspam,b".getBytes(utf32));
        bytes.write(half);
        bytes.write(rest.getBytes(utf32));
        Path broken = file("x.csv", bytes.toByteArray());
        assertThatThrownBy(() -> read(broken, format))
            .hasMessage(broken + ": line 3: expected UTF-32BE text, found half a surrogate pair");
      }
    }
  }
}
