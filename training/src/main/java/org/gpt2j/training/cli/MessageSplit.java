package org.gpt2j.training.cli;

import java.util.List;
import org.gpt2j.training.data.LabeledText;

/**
 * Messages to train on, to choose the best weights by, and to measure with; the last two may be
 * empty.
 */
record MessageSplit(
    List<LabeledText> train, List<LabeledText> validation, List<LabeledText> test) {}
