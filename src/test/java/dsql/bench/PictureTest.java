package dsql.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.bench.Measure.Absolute;
import dsql.bench.Measure.Ratio;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// The picture of the benchmarks: well-formed, legible in light and dark, and with the table's
/// figures; that of the repository with those of its page.
@Tag("unit")
final class PictureTest {

  private static final Path SVG = Path.of("docs/benchmarks.svg");
  private static final Path PAGE = Path.of("docs/benchmarks.md");

  private static final Set<String> PEERS =
      Set.of("usual stack", "usual stack, restored", "raw driver", "the same without hooks");

  private static final List<Row> ROWS =
      List.of(
          row("cold start, all cores", "usual stack", 400, 800),
          row("its processor time", "usual stack", 620, 1_130),
          row("restored to first reply", "the same without hooks", 50, 400),
          new Row("restored to first reply", "", new Absolute("ms", 50), Goal.NONE),
          row("insert of one <row> & more, median", "raw driver", 0.1, 0.05),
          row("insert of one <row> & more, median", "usual stack", 0.1, 0.2),
          row("insert of one row, median, C1 alone", "usual stack", 0.3, 0.4),
          row("insert of one row, 1 ms a round trip", "usual stack", 1.5, 3));

  @Test
  void drawsOneBarForTheFunctionAndOneForEachPeer() throws Exception {
    Document picture = parse(Picture.svg("2026-11-26: here", ROWS));
    List<String> texts = texts(picture);
    assertTrue(texts.contains("2026-11-26: here"));
    assertTrue(texts.contains("insert of one <row> & more, median"));
    assertEquals(
        List.of(
            "400 ms, this function",
            "800 ms, usual stack",
            "50.0 ms, this function",
            "400 ms, the same without hooks",
            "0.100 ms, this function",
            "0.050 ms, raw driver",
            "0.200 ms, usual stack",
            "1.50 ms, this function",
            "3.00 ms, usual stack"),
        texts.stream().filter(text -> text.matches("[\\d.,]+ ms, .*")).toList());
  }

  @Test
  void barsOfAPanelShareItsScale() throws Exception {
    List<Double> widths = new ArrayList<>();
    for (Element bar : elements(parse(Picture.svg("", ROWS.subList(0, 3))), "rect")) {
      if (!bar.getAttribute("class").equals("page")) {
        widths.add(Double.parseDouble(bar.getAttribute("width")));
      }
    }
    assertEquals(List.of(120.0, 240.0, 30.0, 240.0), widths);
  }

  @Test
  void isLegibleInLightAndDark() throws Exception {
    String[] schemes = Files.readString(SVG).split("@media \\(prefers-color-scheme: dark\\)", -1);
    assertEquals(2, schemes.length);
    for (String scheme : schemes) {
      Map<String, String> fill =
          Pattern.compile("\\.(\\w+) \\{ fill: #(\\w{6}) }")
              .matcher(scheme)
              .results()
              .collect(Collectors.toMap(hit -> hit.group(1), hit -> hit.group(2)));
      assertEquals(Set.of("page", "text", "quiet", "here", "usual", "raw"), fill.keySet());
      double page = luminance(fill.getOrDefault("page", ""));
      fill.forEach((name, colour) -> {
        double other = luminance(colour);
        double contrast = (Math.max(page, other) + 0.05) / (Math.min(page, other) + 0.05);
        // WCAG's least contrasts of text and of graphics.
        double least = Set.of("text", "quiet").contains(name) ? 4.5 : name.equals("page") ? 1 : 3;
        assertTrue(contrast >= least, () -> name + " has a contrast of " + contrast);
      });
    }
  }

  @Test
  void noTextRunsIntoABarOrOutOfThePicture() throws Exception {
    Element root = parse(Files.readString(SVG)).getDocumentElement();
    int width = Integer.parseInt(root.getAttribute("width"));
    int height = Integer.parseInt(root.getAttribute("height"));
    List<Element> bars = elements(root.getOwnerDocument(), "rect");
    int left = Integer.parseInt(bars.getLast().getAttribute("x"));
    for (Element text : elements(root.getOwnerDocument(), "text")) {
      int start = Integer.parseInt(text.getAttribute("x"));
      // A character of a wide font has 7 pixels on average.
      int end = start + 7 * text.getTextContent().length();
      boolean label = text.getAttribute("class").equals("text") && start < left;
      assertTrue(end <= (label ? left : width), () -> text.getTextContent() + " ends at " + end);
      assertTrue(Integer.parseInt(text.getAttribute("y")) < height, text::getTextContent);
      assertFalse(text.getAttribute("class").isEmpty(), text::getTextContent);
    }
  }

  @Test
  void theRepositorysPictureHasThePagesFigures() throws Exception {
    String page = Files.readString(PAGE);
    List<String> texts = texts(parse(Files.readString(SVG)));
    assertTrue(page.contains("](benchmarks.svg)"), "the page does not show the picture");
    Set<String> figures = new TreeSet<>();
    Set<String> names = new TreeSet<>();
    for (String line : page.lines().filter(line -> line.startsWith("| ")).toList()) {
      List<String> cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
      if (cells.size() == 10 && isDrawn(cells.get(1), cells.get(2), cells.get(4))) {
        names.add(cells.get(1));
        figures.add(cells.get(1) + ": " + cells.get(2) + ", this function");
        figures.add(cells.get(1) + ": " + cells.get(3) + ", " + cells.get(4));
      }
    }
    Set<String> drawn = new TreeSet<>();
    String name = "";
    for (String text : texts) {
      if (names.contains(text)) {
        name = text;
      } else if (text.matches("[\\d.,]+ ms, .*")) {
        drawn.add(name + ": " + text);
      }
    }
    assertTrue(figures.size() >= 10, figures::toString);
    assertEquals(figures, drawn);
    MatchResult date =
        Pattern.compile("<!-- measured -->\\n(\\d{4}-\\d\\d-\\d\\d)")
            .matcher(page)
            .results()
            .findFirst()
            .orElseThrow();
    assertTrue(texts.stream().anyMatch(text -> text.startsWith(date.group(1))), date::group);
  }

  private static boolean isDrawn(String what, String here, String peer) {
    return here.endsWith(" ms")
        && PEERS.contains(peer)
        && what.matches("cold start.*|restored to first reply.*|.*, median|.* a round trip");
  }

  private static Row row(String what, String peer, double ours, double theirs) {
    return new Row(what, peer, new Ratio("ms", ours, theirs, 0, 1), Goal.NONE);
  }

  private static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Document document =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals("http://www.w3.org/2000/svg", document.getDocumentElement().getNamespaceURI());
    return document;
  }

  private static List<String> texts(Document document) {
    return elements(document, "text").stream().map(Element::getTextContent).toList();
  }

  private static List<Element> elements(Document document, String name) {
    NodeList all = document.getElementsByTagName(name);
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i)).toList();
  }

  /// As WCAG defines it.
  private static double luminance(String colour) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double part = Integer.parseInt(colour.substring(2 * i, 2 * i + 2), 16) / 255.0;
      sum += weights[i] * (part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
