package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.LanguageModelData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PretrainingTextTest {
  private static final int BLOCK = 8;

  @Command
  private static final class Holder {
    @Mixin private final PretrainingText text = new PretrainingText();
  }

  @TempDir private Path dir;
  private Path general;
  private Path chat;

  @BeforeEach
  void writeFiles() throws IOException {
    general = write("general.txt", "the weather report of line ", 400);
    chat = write("chat.txt", "hey see you at number ", 300);
  }

  private Path write(String name, String text, int lines) throws IOException {
    return Files.writeString(
        dir.resolve(name),
        IntStream.range(0, lines).mapToObj(i -> text + i).collect(Collectors.joining("\n")));
  }

  private static PretrainingText parse(Object... args) throws IOException {
    Holder holder = new Holder();
    new CommandLine(holder)
        .parseArgs(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    holder.text.read();
    return holder.text;
  }

  private static List<String> texts(LanguageModelData data, Gpt2Tokenizer tokenizer) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      texts.add(tokenizer.decode(data.inputIds(i)));
    }
    return texts;
  }

  @Test
  void eachTextOptionIsAStageAndAFileNamedTwiceIsTrainedOnTwice() throws IOException {
    PretrainingText text = parse("--text", general, "--text", chat, "--text", chat);
    Gpt2Tokenizer tokenizer = text.tokenize(300, BLOCK);
    LanguageModelData train = text.train(BLOCK);
    int[] stages = train.stages();
    assertThat(stages).hasSize(3);
    assertThat(stages[2]).isEqualTo(stages[1]);
    List<String> blocks = texts(train, tokenizer);
    assertThat(blocks.subList(0, stages[0])).noneMatch(t -> t.contains("see you"));
    List<String> first = blocks.subList(stages[0], stages[0] + stages[1]);
    assertThat(first).noneMatch(t -> t.contains("weather"));
    assertThat(blocks.subList(stages[0] + stages[1], blocks.size())).isEqualTo(first);
    assertThat(text.documentCount()).isEqualTo(700);
  }

  @Test
  void whatIsHeldOutIsTrainedOnInNoStage() throws IOException {
    PretrainingText text = parse("--text", general, chat, "--text", chat);
    Gpt2Tokenizer tokenizer = text.tokenize(300, BLOCK);
    Set<String> train = new HashSet<>(texts(text.train(BLOCK), tokenizer));
    List<String> heldOut = texts(text.heldOut(BLOCK), tokenizer);
    assertThat(heldOut).hasSizeGreaterThan(6).doesNotHaveDuplicates();
    // Blocks without a number may be alike anywhere.
    assertThat(heldOut.stream().filter(t -> t.matches("(?s).*\\d{3}.*")))
        .isNotEmpty()
        .noneMatch(train::contains);
  }

  @Test
  void noTokenOfAFileIsLostExceptTheEndOfAStage() throws IOException {
    Path few = Files.writeString(dir.resolve("few.txt"), "a\n\nb");
    PretrainingText text = parse("--text", few, general, few.resolveSibling("few.txt"));
    text.tokenize(300, BLOCK);
    int blocks = text.train(BLOCK).size() + text.heldOut(BLOCK).size();
    // few.txt is named twice in one stage: its four tokens come twice.
    assertThat(blocks).isEqualTo((text.tokens().length + 4) / BLOCK);
  }

  @Test
  void theVocabularyComesFromItsOwnTextWhereGiven() throws IOException {
    Gpt2Tokenizer of = parse("--text", general, "--vocab-text", chat).tokenize(300, BLOCK);
    assertThat(of.encode("hey see you")).hasSizeLessThan(of.encode("weather report").length);
    Gpt2Tokenizer all = parse("--text", general).tokenize(300, BLOCK);
    assertThat(all.encode(" weather")).hasSizeLessThan(of.encode(" weather").length);
  }
}
