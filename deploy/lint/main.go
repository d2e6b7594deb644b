// Command lint reads the files that Varve is deployed by as the programs do that they are for: Helm, Kubernetes' own types,
// the loader of Docker Compose, and the parser of Docker's builds. Unknown fields, wrong types and warnings are errors.
//
//	lint chart DIRECTORY [VALUES]    as helm lint --strict, and what helm template makes of it
//	lint compose FILE
//	lint dockerfile FILE
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

const namespace = "varve"

// kubernetes is the oldest version that the chart is for, which knows every kind that it makes.
var kubernetes = chartutil.KubeVersion{Version: "v1.27.0", Major: "1", Minor: "27"}

var kinds = map[string]func(files ...string) (string, error){
	"chart":      chart,
	"compose":    compose,
	"dockerfile": dockerfile,
}

func main() {
	if len(os.Args) < 3 || kinds[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: lint chart|compose|dockerfile FILE…")
		os.Exit(2)
	}
	found, err := kinds[os.Args[1]](os.Args[2:]...)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", strings.Join(os.Args[2:], " "), err)
		os.Exit(1)
	}
	fmt.Println(found)
}

func chart(files ...string) (string, error) {
	directory := files[0]
	values := chartutil.Values{}
	if len(files) > 1 {
		read, err := chartutil.ReadValuesFile(files[1])
		if err != nil {
			return "", err
		}
		values = read
	}
	var problems []string
	for _, message := range lint.AllWithKubeVersion(directory, values, namespace, &kubernetes).Messages {
		if message.Severity >= support.WarningSev {
			problems = append(problems, message.Error())
		}
	}
	if len(problems) > 0 {
		return "", errors.New(strings.Join(problems, "\n"))
	}
	rendered, err := render(directory, values)
	if err != nil {
		return "", err
	}
	var known, foreign int
	for _, name := range sorted(rendered) {
		if path.Ext(name) != ".yaml" {
			continue
		}
		ours, others, err := objects(rendered[name])
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		known += ours
		foreign += others
	}
	return fmt.Sprintf("%d objects of Kubernetes, %d of others", known, foreign), nil
}

// render makes the manifests, by the name of their template.
func render(directory string, values chartutil.Values) (map[string]string, error) {
	loaded, err := loader.Load(directory)
	if err != nil {
		return nil, err
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = kubernetes
	release := chartutil.ReleaseOptions{Name: "release", Namespace: namespace, IsInstall: true}
	all, err := chartutil.ToRenderValues(loaded, values, release, capabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(loaded, all)
}

func sorted(rendered map[string]string) []string {
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// objects decodes each document strictly. Kinds that are not Kubernetes' own are left alone.
func objects(manifests string) (known, foreign int, err error) {
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewDocumentDecoder(io.NopCloser(strings.NewReader(manifests)))
	buffer := make([]byte, 1<<20)
	for {
		n, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return known, foreign, nil
		}
		if err != nil {
			return known, foreign, err
		}
		text := bytes.TrimSpace(buffer[:n])
		if isEmpty(text) {
			continue
		}
		_, _, err = strict.Decode(text, nil, nil)
		if runtime.IsNotRegisteredError(err) && isForeign(text) {
			foreign++
			continue
		}
		if err != nil {
			return known, foreign, fmt.Errorf("%w, in\n%s", err, text)
		}
		known++
	}
}

var group = regexp.MustCompile(`(?m)^apiVersion: ([a-z0-9.-]+)/`)

// isForeign tells kinds of others, which Kubernetes has by definitions, from its own that are misspelt.
func isForeign(document []byte) bool {
	found := group.FindSubmatch(document)
	return found != nil && bytes.Contains(found[1], []byte(".")) && !bytes.HasSuffix(found[1], []byte("k8s.io"))
}

func isEmpty(document []byte) bool {
	for _, line := range bytes.Split(document, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

func compose(files ...string) (string, error) {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithDotEnv)
	if err != nil {
		return "", err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d services", len(project.Services)), nil
}

func dockerfile(files ...string) (string, error) {
	file, err := os.Open(files[0])
	if err != nil {
		return "", err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return "", err
	}
	var warnings []string
	rules := linter.New(&linter.Config{
		Warn: func(rule, description, url, detail string, location []parser.Range) {
			warnings = append(warnings, rule+": "+detail)
		},
	})
	for _, warning := range parsed.Warnings {
		warnings = append(warnings, warning.Short)
	}
	stages, _, err := instructions.Parse(parsed.AST, rules)
	if err != nil {
		return "", err
	}
	if len(warnings) > 0 {
		return "", errors.New(strings.Join(warnings, "\n"))
	}
	return fmt.Sprintf("%d stages", len(stages)), nil
}
