// Command lint reads the files that Varve is deployed by as the programs do that they are for: Kubernetes' own types, the
// loader of Docker Compose, and the parser of Docker's builds. Unknown fields, wrong types and warnings are errors.
//
//	lint manifests FILE    the output of helm template
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
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

var kinds = map[string]func(path string) (string, error){
	"manifests":  manifests,
	"compose":    compose,
	"dockerfile": dockerfile,
}

func main() {
	if len(os.Args) != 3 || kinds[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: lint manifests|compose|dockerfile FILE")
		os.Exit(2)
	}
	found, err := kinds[os.Args[1]](os.Args[2])
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[2], err)
		os.Exit(1)
	}
	fmt.Println(found)
}

// manifests decodes each document strictly. Kinds that are not Kubernetes' own are left alone.
func manifests(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewDocumentDecoder(file)
	buffer := make([]byte, 1<<20)
	var known, foreign int
	for {
		n, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return fmt.Sprintf("%d objects of Kubernetes, %d of others", known, foreign), nil
		}
		if err != nil {
			return "", err
		}
		text := bytes.TrimSpace(buffer[:n])
		if isEmpty(text) {
			continue
		}
		_, kind, err := strict.Decode(text, nil, nil)
		if runtime.IsNotRegisteredError(err) && kind != nil && strings.Contains(kind.Group, ".") {
			foreign++
			continue
		}
		if err != nil {
			return "", fmt.Errorf("%w, in\n%s", err, text)
		}
		known++
	}
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

func compose(path string) (string, error) {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithOsEnv, cli.WithDotEnv)
	if err != nil {
		return "", err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d services", len(project.Services)), nil
}

func dockerfile(path string) (string, error) {
	file, err := os.Open(path)
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
