package org.gpt2j.training.report;

import com.lowagie.text.pdf.BaseFont;
import com.lowagie.text.pdf.FontMapper;
import java.awt.Font;
import java.awt.FontFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Liberation Sans, which OpenPDF brings, for drawing on a screen or into a PDF. */
final class ReportFont implements FontMapper {
  private static final String FILE = "LiberationSans-Regular.ttf";

  private final Font font;
  private final BaseFont embedded;

  private ReportFont(Font font, BaseFont embedded) {
    this.font = font;
    this.embedded = embedded;
  }

  static ReportFont load() throws IOException {
    byte[] bytes;
    try (InputStream in = BaseFont.class.getResourceAsStream("/font-fallback/" + FILE)) {
      if (in == null) {
        throw new IOException("font-fallback/" + FILE + ": not in the class path; OpenPDF has it");
      }
      bytes = in.readAllBytes();
    }
    try {
      return new ReportFont(
          Font.createFont(Font.TRUETYPE_FONT, new ByteArrayInputStream(bytes)),
          BaseFont.createFont(
              FILE, BaseFont.IDENTITY_H, BaseFont.EMBEDDED, BaseFont.NOT_CACHED, bytes, null));
    } catch (FontFormatException e) {
      throw new IOException("font-fallback/" + FILE + ": not a font: " + e.getMessage(), e);
    }
  }

  /**
   * @param size in points
   */
  Font size(float size) {
    return font.deriveFont(size);
  }

  @Override
  public BaseFont awtToPdf(Font any) {
    return embedded;
  }

  @Override
  public Font pdfToAwt(BaseFont any, int size) {
    return size(size);
  }
}
